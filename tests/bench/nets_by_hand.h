// Reducers written for one net each: what the engine's are measured beside.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace yard::bench {

// Agents of at most two auxiliary ports, pairs on a stack, agents reused at once, rules in a switch.
class NetByHand {
 public:
  enum Type : std::uint32_t { kZ, kS, kAdd, kDup, kFib, kFib1, kInt, kDown, kFree };
  static bool is_data(std::uint32_t type) { return type == kZ || type == kS || type == kInt; }

  std::uint32_t make(Type type, std::int64_t value = 0) {
    if (free_.empty()) {
      agents_.push_back({.type = type, .ports = {}, .value = value});
      return static_cast<std::uint32_t>(agents_.size() - 1);
    }
    const std::uint32_t agent = free_.back();
    free_.pop_back();
    agents_[agent].type = type;
    agents_[agent].value = value;
    return agent;
  }
  static std::uint32_t port(std::uint32_t agent, std::uint32_t slot) { return agent << 2 | slot; }

  void link(std::uint32_t a, std::uint32_t b) {
    at(a) = b;
    at(b) = a;
    if (((a | b) & 3) != 0) return;
    const bool a_is_data = is_data(agents_[a >> 2].type);
    const bool b_is_data = is_data(agents_[b >> 2].type);
    if (a_is_data == b_is_data || agents_[a >> 2].type == kFree || agents_[b >> 2].type == kFree) return;
    stack_.emplace_back(a_is_data ? b >> 2 : a >> 2, a_is_data ? a >> 2 : b >> 2);
  }

  std::uint64_t reduce() {
    std::uint64_t interactions = 0;
    for (; !stack_.empty(); ++interactions) {
      const auto [function, data] = stack_.back();
      stack_.pop_back();
      if (agents_[data].type == kInt)
        count_down(function, data);
      else if (agents_[data].type == kZ)
        with_zero(function, data);
      else
        with_successor(function, data);
    }
    return interactions;
  }

 private:
  struct Agent {
    std::uint32_t type;
    std::array<std::uint32_t, 3> ports;
    std::int64_t value;
  };

  std::uint32_t& at(std::uint32_t port) { return agents_[port >> 2].ports[port & 3]; }
  std::uint32_t peer(std::uint32_t agent, std::uint32_t slot) { return agents_[agent].ports[slot]; }
  void drop(std::uint32_t agent) { free_.push_back(agent); }
  void become(std::uint32_t agent, Type type) { agents_[agent].type = type; }

  void with_zero(std::uint32_t f, std::uint32_t z) {
    switch (agents_[f].type) {
      case kAdd:
        link(peer(f, 1), peer(f, 2));
        drop(f);
        drop(z);
        break;
      case kDup: {
        const std::uint32_t b = peer(f, 2);
        const std::uint32_t a = peer(f, 1);
        become(f, kZ);
        link(port(z, 0), a);
        link(port(f, 0), b);
        break;
      }
      case kFib:
        link(port(z, 0), peer(f, 1));
        drop(f);
        break;
      default: {
        const std::uint32_t r = peer(f, 1);
        become(f, kS);
        link(port(f, 1), port(z, 0));
        link(port(f, 0), r);
      }
    }
  }

  void with_successor(std::uint32_t f, std::uint32_t s) {
    const std::uint32_t x = peer(s, 1);
    switch (agents_[f].type) {
      case kAdd: {
        const std::uint32_t y = peer(f, 1);
        link(port(s, 0), port(f, 1));
        link(port(s, 1), y);
        link(port(f, 0), x);
        break;
      }
      case kDup: {
        const std::uint32_t a = peer(f, 1);
        const std::uint32_t b = peer(f, 2);
        const std::uint32_t t = make(kS);
        link(port(s, 1), port(f, 1));
        link(port(t, 1), port(f, 2));
        link(port(s, 0), a);
        link(port(t, 0), b);
        link(port(f, 0), x);
        break;
      }
      case kFib:
        become(f, kFib1);
        drop(s);
        link(port(f, 0), x);
        break;
      default: {
        const std::uint32_t r = peer(f, 1);
        become(s, kDup);
        const std::uint32_t fib = make(kFib);
        const std::uint32_t add = make(kAdd);
        link(port(s, 1), port(f, 0));
        link(port(s, 2), port(fib, 0));
        link(port(f, 1), port(add, 0));
        link(port(fib, 1), port(add, 1));
        link(port(add, 2), r);
        link(port(s, 0), x);
      }
    }
  }

  // Down[s](r) ~ Int[a]: the sum of a and all below it.
  void count_down(std::uint32_t down, std::uint32_t number) {
    const std::int64_t a = agents_[number].value;
    if (a > 0) {
      agents_[down].value += a;
      agents_[number].value = a - 1;
      link(port(down, 0), port(number, 0));
    } else {
      agents_[number].value = agents_[down].value;
      link(port(number, 0), peer(down, 1));
      drop(down);
    }
  }

  std::vector<Agent> agents_;
  std::vector<std::uint32_t> free_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> stack_;
};

}  // namespace yard::bench
