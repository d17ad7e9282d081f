#include "tests/bench/peers/alien.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "engine/base/check.h"
#include "tests/bench/peers/program.h"

namespace yard::bench {
namespace {

// What alien.cjs prints for `argument`; nothing where it fails.
std::string output_of(const std::string& argument) {
  const std::string command = "node '" YARD_BENCH_PEERS "/alien.cjs' '" + argument + "' 2>/dev/null";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  YARD_CHECK(pipe != nullptr);
  std::string text(256, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), pipe.get()));
  return text;
}

}  // namespace

std::string Alien::missing() {
  if (!find_program("node")) return "not installed: apt-get install nodejs npm";
  static const std::string version = output_of("version");
  if (std::string(kPackage) == "alien-signals@" + version) return "";
  return std::string("not installed: npm install -g ") + kPackage;
}

double Alien::shape_ns(const std::string& shape) {
  const double ns = std::strtod(output_of(shape).c_str(), nullptr);
  YARD_CHECK(ns > 0);
  return ns;
}

}  // namespace yard::bench
