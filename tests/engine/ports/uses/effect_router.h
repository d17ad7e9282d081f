// Effects by name: whoever wants something done says what, and a handler of that name asks the host for it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/ports/handlers.h"
#include "engine/ports/network.h"

namespace yard::ports::uses {

// Takes {"effect": NAME, …} and sends it to the port of that name.
class EffectRouter final : public FastAgent {
 public:
  static constexpr std::uint32_t kIn = 0;

  explicit EffectRouter(std::vector<std::string> names)
      : names_(std::move(names)), ports_{handled<&EffectRouter::route>("in")} {
    for (const std::string& name : names_) ports_.push_back(port(name));
  }

  Status route(PackView wanted, Hop& hop) {
    const std::string_view name = wanted.find("effect").string_or({});
    const auto found =
        std::find_if(ports_.begin() + 1, ports_.end(), [&](const PortSpec& spec) { return spec.name == name; });
    if (found == ports_.end()) return fail(ErrorCode::kNotFound, "nobody does " + std::string(name));
    hop.emit(static_cast<std::uint32_t>(found - ports_.begin()), Payload::packed(wanted));
    return {};
  }

  [[nodiscard]] std::string_view type() const override { return "EffectRouter"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override { return ports_; }

 private:
  std::vector<std::string> names_;
  std::vector<PortSpec> ports_;
};

// Asks the host, and hears from it in a later ticket what became of it.
class Doer final : public FastAgent {
 public:
  enum Ports : std::uint32_t { kIn, kReceipt };
  explicit Doer(std::string channel) : channel_(std::move(channel)) {}

  void ask(PackView wanted, Hop& hop) {
    ++open_;
    hop.effect(channel_, Payload::packed(wanted));
  }
  void receipt(bool done) {
    --open_;
    done_ += done ? 1 : 0;
  }
  [[nodiscard]] std::int64_t open() const { return open_; }
  [[nodiscard]] std::int64_t done() const { return done_; }

  [[nodiscard]] std::string_view type() const override { return "Doer"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override {
    static constexpr std::array kPorts{handled<&Doer::ask>("in"), handled<&Doer::receipt>("receipt")};
    return kPorts;
  }
  void save(PackWriter& out) const override {
    out.array(2);
    out.integer(open_);
    out.integer(done_);
  }

 private:
  std::string channel_;
  std::int64_t open_ = 0;
  std::int64_t done_ = 0;
};

}  // namespace yard::ports::uses
