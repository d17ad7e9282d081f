// Nets for tests.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "engine/nets/load.h"
#include "engine/nets/print.h"

namespace yard::nets::testing {

inline Network load_good(std::string_view text, unsigned workers = 1) {
  auto network = load_net(text, workers);
  if (!network) {
    for (const Problem& problem : network.error()) ADD_FAILURE() << problem.where << ": " << problem.message;
    return Network(Discipline::kLafont);
  }
  return *std::move(network);
}

#ifdef YARD_SOURCE_DIR
// Of deploy/demo/nets.
inline std::string demo(const std::string& name) {
  std::ifstream file(std::string(YARD_SOURCE_DIR "/deploy/demo/nets/") + name);
  return {std::istreambuf_iterator<char>(file), {}};
}
#endif

inline std::string normal_form(const Network& network) {
  std::string text;
  const PrintedNet printed = print_net(network.state(), network.texts());
  for (const std::string& line : printed.equations) text += line + "\n";
  for (const std::string& line : printed.rest) text += "rest: " + line + "\n";
  return text;
}

inline std::int64_t whole(const Network& network, std::string_view derived) {
  const Derived* found = network.find_derived(derived);
  return found != nullptr && found->value() ? std::get<std::int64_t>(*found->value()) : -1;
}

}  // namespace yard::nets::testing
