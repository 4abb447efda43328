#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What Martlet uses of RE2, which speaks C++ only. All texts are UTF-8 and may hold NUL.

/// A compiled pattern. Any number of threads may match with it at once.
typedef struct martlet_regex martlet_regex;

/// Compiles a pattern in RE2's syntax. Neither the pattern nor what it matches with take more than about max_memory
/// bytes.
///
/// Returns NULL where the pattern is not valid or too large; `error` then says why, cut to `capacity` bytes, the last
/// of them NUL.
martlet_regex *martlet_regex_compile(const char *pattern, size_t length, int64_t max_memory, char *error,
                                     size_t capacity);

/// As martlet_regex_compile, for a pattern whose groups are asked for with martlet_regex_find.
martlet_regex *martlet_regex_compile_capturing(const char *pattern, size_t length, int64_t max_memory, char *error,
                                               size_t capacity);

/// The groups of a pattern, the whole match not counted.
size_t martlet_regex_group_count(const martlet_regex *regex);

/// The first match at or after the byte `start`, by the rules of Perl. `spans` takes `count` pairs of offsets in bytes,
/// begin and end, the whole match first; a group that takes no part has -1 twice. Takes time in proportion to the text.
bool martlet_regex_find(const martlet_regex *regex, const char *text, size_t length, size_t start, int64_t *spans,
                        size_t count);

/// Whether some part of the text matches. Takes time in proportion to the text, whatever the pattern.
bool martlet_regex_matches(const martlet_regex *regex, const char *text, size_t length);

void martlet_regex_free(martlet_regex *regex);

/// Whether the text has the part in it, byte for byte; the empty part is in every text. Takes time in proportion to
/// the two of them, where SQLite's instr takes their product.
bool martlet_text_contains(const char *text, size_t length, const char *part, size_t part_length);

#ifdef __cplusplus
}
#endif
