#include "CRE2.h"

#include <re2/re2.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>

struct martlet_regex {
  RE2 pattern;
  martlet_regex(re2::StringPiece text, const RE2::Options &options) : pattern(text, options) {}
};

// No exception may leave this file: the callers are C.

martlet_regex *martlet_regex_compile(const char *pattern, size_t length, int64_t max_memory, char *error,
                                     size_t capacity) {
  try {
    RE2::Options options(RE2::Quiet);
    options.set_max_mem(max_memory);
    // Nobody asks what a group matched.
    options.set_never_capture(true);
    auto compiled = std::make_unique<martlet_regex>(re2::StringPiece(pattern, length), options);
    if (compiled->pattern.ok()) return compiled.release();
    std::snprintf(error, capacity, "%s", compiled->pattern.error().c_str());
  } catch (const std::exception &failure) {
    std::snprintf(error, capacity, "%s", failure.what());
  }
  return nullptr;
}

bool martlet_regex_matches(const martlet_regex *regex, const char *text, size_t length) {
  return regex->pattern.Match(re2::StringPiece(text, length), 0, length, RE2::UNANCHORED, nullptr, 0);
}

void martlet_regex_free(martlet_regex *regex) { delete regex; }

bool martlet_text_contains(const char *text, size_t length, const char *part, size_t part_length) {
  if (part_length == 0) return true;
  return length >= part_length && memmem(text, length, part, part_length) != nullptr;
}
