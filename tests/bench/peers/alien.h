// alien-signals, the fastest reactive library of the JavaScript world, in a Node of its own.
#pragma once

#include <string>

namespace yard::bench {

class Alien {
 public:
  // Pinned: what it costs changes from release to release.
  static constexpr const char* kPackage = "alien-signals@3.2.1";

  // What this machine lacks to run it, and how to get it; empty: nothing.
  [[nodiscard]] static std::string missing();

  // Nanoseconds from a change to the end of all effects, in `shape` as alien.cjs has it.
  [[nodiscard]] static double shape_ns(const std::string& shape);
};

}  // namespace yard::bench
