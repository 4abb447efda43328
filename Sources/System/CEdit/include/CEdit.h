// libedit for Swift. Its setters take any number of arguments, which Swift cannot call; here they have fixed ones.
//
// What is kept between calls (the prompt, the terminal as it was) is kept once, in CEdit.c: of a variable in a header each
// Swift file would have its own.
#pragma once

#include <histedit.h>

#ifdef __cplusplus
extern "C" {
#endif

EditLine *martlet_edit_open(const char *program, History *history_list);

// A line with its line break, or NULL at the end of the input. *interrupted tells whether Ctrl-C ended it.
const char *martlet_edit_line(EditLine *editor, const char *prompt, int *length, int *interrupted);

// Gives the terminal back as it was before the line that is being read, and tells whether one is.
int martlet_edit_restore(void);

History *martlet_history_open(const char *path, int size);

void martlet_history_add(History *list, const char *line);

// -1 where the file cannot be written.
int martlet_history_save(History *list, const char *path);

#ifdef __cplusplus
}
#endif
