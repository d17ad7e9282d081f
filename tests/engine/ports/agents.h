// Agents that several tests use.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "engine/base/check.h"
#include "engine/ports/handlers.h"
#include "engine/ports/network.h"

namespace yard::ports::testing {

// Adds what arrives to its sum, and sends the next number on.
class Stage final : public FastAgent {
 public:
  enum Ports : std::uint32_t { kIn, kOut };

  std::int64_t step(std::int64_t value) {
    sum_ += value;
    return value + 1;
  }
  [[nodiscard]] std::int64_t sum() const { return sum_; }

  [[nodiscard]] std::string_view type() const override { return "Stage"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override {
    static constexpr std::array kPorts{relayed<&Stage::step, kOut>("in"), port("out")};
    return kPorts;
  }
  void save(PackWriter& out) const override { out.integer(sum_); }

 private:
  std::int64_t sum_ = 0;
};

// Remembers what arrives.
class Probe final : public FastAgent {
 public:
  enum Ports : std::uint32_t { kIn };

  void see(Payload payload) { seen_.push_back(canonical_pack(payload)); }
  [[nodiscard]] const std::vector<Bytes>& seen() const { return seen_; }

  [[nodiscard]] std::string_view type() const override { return "Probe"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override {
    static constexpr std::array kPorts{handled<&Probe::see>("in")};
    return kPorts;
  }
  void save(PackWriter& out) const override {
    out.array(static_cast<std::uint32_t>(seen_.size()));
    for (const Bytes& bytes : seen_) out.binary(bytes);
  }

 private:
  std::vector<Bytes> seen_;
};

// Has a port, and nothing else: where a test dispatches.
class Source final : public FastAgent {
 public:
  [[nodiscard]] std::string_view type() const override { return "Source"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override {
    static constexpr std::array kPorts{port("out")};
    return kPorts;
  }
};

// Does what it was told to, with `out` ports to emit by.
template <typename Do>
class Doing final : public FastAgent {
 public:
  static constexpr std::uint32_t kIn = 0;

  explicit Doing(Do what, std::uint32_t outs = 0) : do_(std::move(what)), ports_{handled<&Doing::run>("in")} {
    ports_.insert(ports_.end(), outs, port("out"));
  }
  void run(Payload payload, Hop& hop) { do_(payload, hop); }

  [[nodiscard]] std::string_view type() const override { return "Doing"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override { return ports_; }

 private:
  Do do_;
  std::vector<PortSpec> ports_;
};

// What tests are sure of.
template <typename A, typename... Arguments>
AgentHandle add(Network& network, Arguments&&... arguments) {
  const auto handle = network.add<A>(std::forward<Arguments>(arguments)...);
  YARD_CHECK(handle.has_value());
  return *handle;
}
template <typename Do>
AgentHandle add_doing(Network& network, Do what, std::uint32_t outs = 0) {
  const auto handle = network.add(std::make_unique<Doing<Do>>(std::move(what), outs));
  YARD_CHECK(handle.has_value());
  return *handle;
}
inline void connect(Network& network, PortHandle a, PortHandle b) { YARD_CHECK(network.connect(a, b).has_value()); }
inline Counts dispatch(Network& network, PortHandle port, Payload payload = {}) {
  const auto done = network.dispatch(port, payload);
  YARD_CHECK(done.has_value());
  return done->counts;
}

template <typename A>
const A& agent(const Network& network, AgentHandle handle) {
  return dynamic_cast<const A&>(*network.find(handle));
}

// A source and `stages` in a row behind it.
struct Chain {
  explicit Chain(Network& network, std::uint32_t count) : source(add<Source>(network)) {
    PortHandle last{source, 0};
    for (std::uint32_t i = 0; i < count; ++i) {
      stages.push_back(add<Stage>(network));
      connect(network, last, {stages.back(), Stage::kIn});
      last = {stages.back(), Stage::kOut};
    }
  }
  [[nodiscard]] PortHandle begin() const { return {source, 0}; }
  [[nodiscard]] PortHandle end() const { return {stages.back(), Stage::kOut}; }

  AgentHandle source;
  std::vector<AgentHandle> stages;
};

}  // namespace yard::ports::testing
