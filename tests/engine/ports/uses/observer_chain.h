// Observers: what happens somewhere is passed through stages, then told to all who listen.
#pragma once

#include <vector>

#include "engine/ports/fanout.h"
#include "engine/ports/handlers.h"
#include "engine/ports/network.h"

namespace yard::ports::uses {

// Lets pass what is at least `least`.
class Threshold final : public FastAgent {
 public:
  enum Ports : std::uint32_t { kIn, kOut };
  explicit Threshold(double least) : least_(least) {}

  std::optional<double> pass(double value) const { return value < least_ ? std::nullopt : std::optional(value); }

  [[nodiscard]] std::string_view type() const override { return "Threshold"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override {
    static constexpr std::array kPorts{relayed<&Threshold::pass, kOut>("in"), port("out")};
    return kPorts;
  }

 private:
  double least_;
};

// Multiplies.
class Scale final : public FastAgent {
 public:
  enum Ports : std::uint32_t { kIn, kOut };
  explicit Scale(double factor) : factor_(factor) {}

  double times(double value) const { return value * factor_; }

  [[nodiscard]] std::string_view type() const override { return "Scale"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override {
    static constexpr std::array kPorts{relayed<&Scale::times, kOut>("in"), port("out")};
    return kPorts;
  }

 private:
  double factor_;
};

// Listens until it has heard enough, then leaves.
class Listener final : public FastAgent {
 public:
  enum Ports : std::uint32_t { kIn };
  explicit Listener(std::size_t enough) : enough_(enough) {}

  void hear(double value, Hop& hop) {
    heard_.push_back(value);
    if (heard_.size() == enough_) (void)hop.network().disconnect(port_handle(kIn));
  }
  [[nodiscard]] const std::vector<double>& heard() const { return heard_; }

  [[nodiscard]] std::string_view type() const override { return "Listener"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override {
    static constexpr std::array kPorts{handled<&Listener::hear>("in")};
    return kPorts;
  }
  void save(PackWriter& out) const override {
    out.array(static_cast<std::uint32_t>(heard_.size()));
    for (const double value : heard_) out.real(value);
  }

 private:
  std::size_t enough_;
  std::vector<double> heard_;
};

}  // namespace yard::ports::uses
