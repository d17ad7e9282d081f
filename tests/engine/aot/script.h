// What happens to a graph, as lines, and what a world says to it in the words of the program in generated_test.cc.
#pragma once

#include <string>
#include <vector>

#include "engine/kinds/standard.h"
#include "engine/world/world.h"
#include "tests/engine/world/support.h"
#include "tests/support/seed.h"

namespace yard::graph::testing {

// Acts on a world and writes down what a program with the same graph has to read, and to print.
class Script {
 public:
  Script(Random& random, World& world) : random_(random), world_(world) {
    const auto ports = world.image().get_output_ports();
    for (std::uint32_t port = 0; port < ports.size(); ++port)
      if (world.source(port)) sources_.push_back(*world.source(port));
    step();
  }

  void happen() {
    const std::uint64_t what = below(random_, 8);
    if (what == 0) {
      const std::int64_t ns = static_cast<std::int64_t>(below(random_, 60)) * kMs;
      EXPECT_TRUE(world_.apply(AdvanceCause{world_.now_ns() + ns}));
      input += "tick " + std::to_string(ns) + "\n";
      settle();
      return;
    }
    for (std::uint64_t left = 1 + below(random_, 4); left > 0; --left) touch(sources_[below(random_, sources_.size())]);
    step();
  }

  std::string input;   // of the program
  std::string output;  // that it has to have
  Bytes journal;

 private:
  void step() {
    input += "step\n";
    settle();
  }

  void touch(const Source& source) {
    const bool is_event = source.port_class == PortClass::kEvent;
    Value value = random_value(source.type);
    if (!is_event && is_scalar(source.type))
      input += "set " + std::to_string(source.cell) + " " + std::to_string(to_cell(value).bits()) + "\n";
    else if (is_event)
      input += "emit " + std::to_string(source.cell) + " " + std::to_string(to_cell(value).bits()) + "\n";
    else
      input += "text " + std::to_string(source.cell) + " " + std::string(std::get<Text>(value).view()) + "\n";
    const Cause cause = is_event ? Cause(EmitCause{source.output, value}) : Cause(SetCause{source.output, value});
    EXPECT_TRUE(world_.apply(cause));
  }

  Value random_value(DataType type) {
    switch (type) {
      case DataType::kBool: return below(random_, 2) == 1;
      case DataType::kInt64: {
        const std::int64_t small = static_cast<std::int64_t>(below(random_, 10)) - 3;
        return below(random_, 12) == 0 ? INT64_MAX - 5 - small : small;
      }
      case DataType::kDouble: {
        constexpr double kOdd[] = {-0.0, 0.0, 1e300, -1e300, 1e19, 5e-324};
        return below(random_, 6) == 0 ? kOdd[below(random_, 6)] : (static_cast<double>(below(random_, 900)) - 300) / 70;
      }
      default: return Text(std::string(below(random_, 5), static_cast<char>('0' + below(random_, 10))));
    }
  }

  void settle() {
    const std::uint64_t before = world_.get_stats().steps;
    while (!world_.settle()) {
    }
    output += "steps " + std::to_string(world_.get_stats().steps - before) + "\n";
    const auto ports = world_.image().get_output_ports();
    for (std::uint32_t port = 0; port < ports.size(); ++port) tell(port, ports[port]);
    for (const Effect& effect : world_.effects()) {
      output += "effect " + std::to_string(effect.event_id) + " " + std::to_string(effect.node.value()) + " " +
                effect.channel + " ";
      const auto* text = std::get_if<Text>(&effect.value);
      output += (text != nullptr ? std::string(text->view()) : std::to_string(to_cell(effect.value).bits())) + "\n";
    }
    for (const Breach& breach : world_.breaches())
      output += "breach " + std::to_string(breach.event_id) + " " + std::to_string(breach.node.value()) + " " +
                breach.message + (breach.rolled_back ? " back\n" : "\n");
    journal += world_.journal_part().bytes;
    world_.clear_outbox();
  }
  void tell(std::uint32_t output_port, const PortDesc& port) {
    const auto value = world_.get(output_port);
    output += std::to_string(port.handle.value()) + " ";
    if (!value)
      output += "fault " + std::to_string(static_cast<int>(value.error().code)) + " " + value.error().text + "\n";
    else if (const auto* text = std::get_if<Text>(&*value))
      output += std::string(text->view()) + "\n";
    else
      output += std::to_string(to_cell(*value).bits()) + "\n";
  }

  Random& random_;
  World& world_;
  std::vector<Source> sources_;
};

}  // namespace yard::graph::testing
