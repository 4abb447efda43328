#include "CEdit.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

static const char *martlet_edit_prompt_text = "";
static int martlet_edit_interrupted = 0;
static int martlet_edit_brackets_pastes = 0;
// What the terminal was like before a line is read, to be restored where a signal ends the program meanwhile.
static struct termios martlet_edit_terminal = {0};
static volatile int martlet_edit_is_reading = 0;

static char *martlet_edit_prompt(EditLine *editor) {
  (void)editor;
  return (char *)martlet_edit_prompt_text;
}

// Ctrl-C while typing ends the line, which is then thrown away. The line break is typed in its place, since only
// libedit's own command for it moves the cursor below what was typed.
static unsigned char martlet_edit_interrupt(EditLine *editor, int key) {
  (void)key;
  martlet_edit_interrupted = 1;
  el_push(editor, "\n");
  return CC_NORM;
}

// A terminal puts ESC [200~ before what is pasted and ESC [201~ behind it. All between the two becomes part of the
// line, line breaks included, and nothing of it is taken for a key.
static unsigned char martlet_edit_paste(EditLine *editor, int key) {
  (void)key;
  static const wchar_t end[] = L"\033[201~";
  const size_t end_length = sizeof(end) / sizeof(end[0]) - 1;
  size_t length = 0, capacity = 1024;
  wchar_t *text = malloc(capacity * sizeof(wchar_t));
  wchar_t character;
  while (text != NULL && el_wgetc(editor, &character) == 1) {
    if (length + 1 >= capacity) {
      wchar_t *larger = realloc(text, 2 * capacity * sizeof(wchar_t));
      if (larger == NULL) break;
      text = larger;
      capacity *= 2;
    }
    text[length++] = character;
    if (length >= end_length && wmemcmp(text + length - end_length, end, end_length) == 0) {
      length -= end_length;
      break;
    }
  }
  if (text == NULL) return CC_ERROR;
  // Terminals send a carriage return for each line break. Other control characters have no place in a message.
  size_t kept = 0;
  wchar_t previous = 0;
  for (size_t i = 0; i < length; i++) {
    const wchar_t next = text[i] == L'\r' ? L'\n' : text[i];
    const int ends_crlf = text[i] == L'\n' && previous == L'\r';
    previous = text[i];
    if (ends_crlf) continue;
    if (next == L'\n' || next == L'\t' || (next >= 0x20 && next != 0x7F)) text[kept++] = next;
  }
  text[kept] = 0;
  const int failed = kept > 0 && el_winsertstr(editor, text) != 0;
  free(text);
  return failed ? CC_ERROR : CC_REFRESH;
}

EditLine *martlet_edit_open(const char *program, History *history_list) {
  // Messages are UTF-8 whatever the environment says; in another locale libedit drops the letters that it does not know.
  if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) setlocale(LC_CTYPE, "C.UTF-8");
  EditLine *editor = el_init(program, stdin, stdout, stderr);
  if (editor == NULL) return NULL;
  el_set(editor, EL_PROMPT, martlet_edit_prompt);
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_HIST, history, history_list);
  el_set(editor, EL_ADDFN, "martlet-interrupt", "Give the line up", martlet_edit_interrupt);
  el_set(editor, EL_BIND, "^C", "martlet-interrupt", NULL);
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
  el_set(editor, EL_ADDFN, "martlet-paste", "Insert what is pasted", martlet_edit_paste);
  el_set(editor, EL_BIND, "\033[200~", "martlet-paste", NULL);
  // Without icrnl and inlcr the line breaks of a paste come as they are: CRLF as one, not as two.
  el_set(editor, EL_SETTY, "-d", "-isig", "-icrnl", "-inlcr", NULL);
  el_source(editor, NULL);
  const char *terminal = getenv("TERM");
  martlet_edit_brackets_pastes = terminal != NULL && strcmp(terminal, "dumb") != 0;
  return editor;
}

const char *martlet_edit_line(EditLine *editor, const char *prompt, int *length, int *interrupted) {
  martlet_edit_prompt_text = prompt;
  martlet_edit_interrupted = 0;
  martlet_edit_is_reading = tcgetattr(STDIN_FILENO, &martlet_edit_terminal) == 0;
  if (martlet_edit_brackets_pastes) fputs("\033[?2004h", stdout);
  fflush(stdout);
  const char *line = el_gets(editor, length);
  if (martlet_edit_brackets_pastes) fputs("\033[?2004l", stdout);
  fflush(stdout);
  martlet_edit_is_reading = 0;
  *interrupted = martlet_edit_interrupted;
  return line;
}

int martlet_edit_restore(void) {
  if (!martlet_edit_is_reading) return 0;
  static const char off[] = "\033[?2004l\r\n";
  if (martlet_edit_brackets_pastes) {
    ssize_t written = write(STDOUT_FILENO, off, sizeof(off) - 1);
    (void)written;
  }
  tcsetattr(STDIN_FILENO, TCSANOW, &martlet_edit_terminal);
  return 1;
}

History *martlet_history_open(const char *path, int size) {
  History *list = history_init();
  if (list == NULL) return NULL;
  HistEvent event;
  history(list, &event, H_SETSIZE, size);
  history(list, &event, H_SETUNIQUE, 1);
  if (path != NULL) history(list, &event, H_LOAD, path);
  return list;
}

void martlet_history_add(History *list, const char *line) {
  HistEvent event;
  history(list, &event, H_ENTER, line);
}

int martlet_history_save(History *list, const char *path) {
  HistEvent event;
  return history(list, &event, H_SAVE, path);
}
