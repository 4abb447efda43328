#include "CRE2.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <vector>

struct martlet_regex {
  RE2 pattern;
  martlet_regex(re2::StringPiece text, const RE2::Options &options) : pattern(text, options) {}
};

// No exception may leave this file: the callers are C.

static martlet_regex *compile(const char *pattern, size_t length, int64_t max_memory, bool captures, char *error,
                              size_t capacity) {
  try {
    RE2::Options options(RE2::Quiet);
    options.set_max_mem(max_memory);
    options.set_never_capture(!captures);
    auto compiled = std::make_unique<martlet_regex>(re2::StringPiece(pattern, length), options);
    if (compiled->pattern.ok()) return compiled.release();
    std::snprintf(error, capacity, "%s", compiled->pattern.error().c_str());
  } catch (const std::exception &failure) {
    std::snprintf(error, capacity, "%s", failure.what());
  }
  return nullptr;
}

martlet_regex *martlet_regex_compile(const char *pattern, size_t length, int64_t max_memory, char *error,
                                     size_t capacity) {
  return compile(pattern, length, max_memory, false, error, capacity);
}

martlet_regex *martlet_regex_compile_capturing(const char *pattern, size_t length, int64_t max_memory, char *error,
                                               size_t capacity) {
  return compile(pattern, length, max_memory, true, error, capacity);
}

size_t martlet_regex_group_count(const martlet_regex *regex) {
  return static_cast<size_t>(std::max(regex->pattern.NumberOfCapturingGroups(), 0));
}

bool martlet_regex_find(const martlet_regex *regex, const char *text, size_t length, size_t start, int64_t *spans,
                        size_t count) {
  try {
    std::vector<re2::StringPiece> groups(count);
    if (!regex->pattern.Match(re2::StringPiece(text, length), start, length, RE2::UNANCHORED, groups.data(),
                              static_cast<int>(count)))
      return false;
    for (size_t index = 0; index < count; index++) {
      bool took_part = groups[index].data() != nullptr;
      spans[2 * index] = took_part ? groups[index].data() - text : -1;
      spans[2 * index + 1] = took_part ? spans[2 * index] + static_cast<int64_t>(groups[index].size()) : -1;
    }
    return true;
  } catch (const std::exception &) {
    return false;
  }
}

bool martlet_regex_matches(const martlet_regex *regex, const char *text, size_t length) {
  return regex->pattern.Match(re2::StringPiece(text, length), 0, length, RE2::UNANCHORED, nullptr, 0);
}

void martlet_regex_free(martlet_regex *regex) { delete regex; }

bool martlet_text_contains(const char *text, size_t length, const char *part, size_t part_length) {
  if (part_length == 0) return true;
  return length >= part_length && memmem(text, length, part, part_length) != nullptr;
}
