#pragma once
#include <histedit.h>
#include <locale.h>
#include <stdio.h>

// libedit's setters take any number of arguments, which Swift cannot call; here they have fixed ones.

static const char *martlet_edit_prompt_text = "";
static int martlet_edit_interrupted = 0;

static inline char *martlet_edit_prompt(EditLine *editor) {
  (void)editor;
  return (char *)martlet_edit_prompt_text;
}

// Ctrl-C while typing ends the line, which is then thrown away.
static inline unsigned char martlet_edit_interrupt(EditLine *editor, int key) {
  (void)editor;
  (void)key;
  martlet_edit_interrupted = 1;
  return CC_NEWLINE;
}

static inline EditLine *martlet_edit_open(const char *program, History *history_list) {
  setlocale(LC_CTYPE, "");
  EditLine *editor = el_init(program, stdin, stdout, stderr);
  if (editor == NULL) return NULL;
  el_set(editor, EL_PROMPT, martlet_edit_prompt);
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_HIST, history, history_list);
  el_set(editor, EL_ADDFN, "martlet-interrupt", "Give the line up", martlet_edit_interrupt);
  el_set(editor, EL_BIND, "^C", "martlet-interrupt", NULL);
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
  el_set(editor, EL_SETTY, "-d", "-isig", NULL);
  el_source(editor, NULL);
  return editor;
}

// A line with its line break, or NULL at the end of the input. *interrupted tells whether Ctrl-C ended it.
static inline const char *martlet_edit_line(EditLine *editor, const char *prompt, int *length, int *interrupted) {
  martlet_edit_prompt_text = prompt;
  martlet_edit_interrupted = 0;
  const char *line = el_gets(editor, length);
  *interrupted = martlet_edit_interrupted;
  return line;
}

static inline History *martlet_history_open(const char *path, int size) {
  History *list = history_init();
  if (list == NULL) return NULL;
  HistEvent event;
  history(list, &event, H_SETSIZE, size);
  history(list, &event, H_SETUNIQUE, 1);
  if (path != NULL) history(list, &event, H_LOAD, path);
  return list;
}

static inline void martlet_history_add(History *list, const char *line) {
  HistEvent event;
  history(list, &event, H_ENTER, line);
}

// -1 where the file cannot be written.
static inline int martlet_history_save(History *list, const char *path) {
  HistEvent event;
  return history(list, &event, H_SAVE, path);
}
