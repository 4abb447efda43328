// Greedy continuations by llama.cpp, as token ids: `greedy MODEL COUNT THREADS FLASH BATCH < prompts`, one prompt a
// line (a line break inside a prompt is written as the record separator, 0x1E). FLASH is 1 with flash attention, 0
// without, -1 for llama.cpp's own choice; BATCH is how many of a prompt's tokens it takes at once, 0 for all.
// Prints a line for each: the prompt's ids, `|`, the ids generated (an end token does not stop it), `|`, and the
// margin of each over the second best logit. With COUNT 0 the lines are token ids instead of text, and all logits
// of every position are printed, a line a position.
#include "llama.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

static void decode(llama_context * context, const std::vector<llama_token> & tokens, int start, bool all) {
  llama_batch_ext * batch = llama_batch_ext_init(context);
  for (size_t i = 0; i < tokens.size(); ++i) {
    int32_t index = llama_batch_ext_add_token(batch, 0, tokens[i]);
    llama_pos position = start + (int)i;
    llama_batch_ext_set_pos(batch, index, &position);
    if (all || i + 1 == tokens.size()) llama_batch_ext_set_output_logits(batch, index, true);
  }
  if (llama_process(context, LLAMA_PROCESS_TYPE_DECODE, batch)) exit(1);
  llama_batch_ext_free(batch);
}

int main(int argc, char ** argv) {
  if (argc != 6) return 64;
  int count = atoi(argv[2]), threads = atoi(argv[3]), flash = atoi(argv[4]), batch = atoi(argv[5]);
  llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
  llama_backend_init();
  llama_model * model = llama_model_load_from_file(argv[1], llama_model_default_params());
  if (!model) return 66;
  const llama_vocab * vocabulary = llama_model_get_vocab(model);
  int size = llama_vocab_n_tokens(vocabulary);
  std::string line;
  while (std::getline(std::cin, line)) {
    for (char & c : line) if (c == 0x1e) c = '\n';
    std::vector<llama_token> tokens;
    if (count == 0) {
      std::istringstream numbers(line);
      for (int id; numbers >> id;) tokens.push_back(id);
    } else {
      int length = -llama_tokenize(vocabulary, line.c_str(), line.size(), nullptr, 0, true, false);
      tokens.resize(length);
      llama_tokenize(vocabulary, line.c_str(), line.size(), tokens.data(), length, true, false);
    }
    llama_context_params parameters = llama_context_default_params();
    parameters.n_ctx = parameters.n_batch = tokens.size() + count + 8;
    parameters.n_threads = parameters.n_threads_batch = threads;
    parameters.flash_attn_type = (llama_flash_attn_type)flash;
    if (batch) parameters.n_ubatch = batch;
    llama_context * context = llama_init_from_model(model, parameters);
    decode(context, tokens, 0, count == 0);
    if (count == 0) {
      for (size_t t = 0; t < tokens.size(); ++t) {
        const float * logits = llama_get_logits_ith(context, t);
        for (int i = 0; i < size; ++i) printf("%.6g%c", logits[i], i + 1 < size ? ' ' : '\n');
      }
    }
    std::string margins;
    for (llama_token token : tokens) if (count) printf("%d ", token);
    if (count) printf("|");
    int position = tokens.size();
    for (int n = 0; n < count; ++n) {
      const float * logits = llama_get_logits_ith(context, -1);
      int best = 0;
      for (int i = 1; i < size; ++i) if (logits[i] > logits[best]) best = i;
      float second = -1e30f;
      for (int i = 0; i < size; ++i) if (i != best && logits[i] > second) second = logits[i];
      printf(" %d", best);
      margins += " " + std::to_string(logits[best] - second);
      decode(context, {best}, position++, false);
    }
    if (count) printf(" |%s\n", margins.c_str());
    llama_free(context);
  }
  llama_model_free(model);
}
