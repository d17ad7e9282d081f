#include "engine/world/stages.h"

#include <algorithm>

namespace yard::graph {
namespace {

constexpr std::uint32_t kWide = 256;          // nodes that are worth a stage of their own
constexpr std::uint32_t kUnitNodesMax = 512;  // about a microsecond of the cheapest kernels
constexpr std::uint32_t kUnitsAWorker = 8;    // so that no worker waits long for another one's last

}  // namespace

// Keeps what a unit asks for.
class Stages::UnitHost final : public Host {
 public:
  std::uint32_t ran = 0;

  void wake(std::uint32_t node, std::int64_t at_ns) override {
    calls_.push_back({.what = kWake, .node = node, .at_ns = at_ns});
  }
  void effect(std::uint32_t node, std::string_view channel, DataType type, Cell value) override {
    calls_.push_back({.what = kEffect, .node = node, .ran = ran, .text = channel, .type = type, .value = value});
  }
  void breach(std::uint32_t node, std::string_view message, bool roll_back) override {
    calls_.push_back({.what = kBreach, .node = node, .ran = ran, .text = message, .roll_back = roll_back});
  }

  void begin() {
    ran = 0;
    calls_.clear();
  }
  void commit(Host& host, std::uint32_t& all_ran) const {
    const std::uint32_t before = all_ran;
    for (const Call& call : calls_) {
      all_ran = before + call.ran;
      if (call.what == kWake) host.wake(call.node, call.at_ns);
      if (call.what == kEffect) host.effect(call.node, call.text, call.type, call.value);
      if (call.what == kBreach) host.breach(call.node, call.text, call.roll_back);
    }
    all_ran = before + ran;
  }

 private:
  enum What : std::uint8_t { kWake, kEffect, kBreach };
  struct Call {
    What what = kWake;
    std::uint32_t node = 0;
    std::uint32_t ran = 0;
    std::int64_t at_ns = 0;
    std::string_view text;  // of the node's settings, which last as long as the image
    DataType type = DataType::kDouble;
    Cell value;
    bool roll_back = false;
  };
  std::vector<Call> calls_;
};

Stages::Stages(const Image& image, Cells& cells, Host& host, tickets::WorkerPool& pool)
    : cells_(cells), host_(host), wiring_(image.wiring()), pool_(pool) {
  find_stages(image);
  std::uint32_t widest = 0;
  for (const Stage& stage : stages_) widest = std::max(widest, stage.count);
  for (std::uint32_t i = 0; i < widest; ++i) hosts_.push_back(std::make_unique<UnitHost>());
}

Stages::~Stages() = default;

// Goes over the places once. A node that reads from the block before it belongs to that block; one that reads from an
// earlier block of the stage ends the stage, if that is wide enough, else all blocks from there on become one.
void Stages::find_stages(const Image& image) {
  std::vector<std::uint32_t> blocks;  // first places, rising
  std::uint32_t stage = 0;
  for (std::uint32_t node = 0; node < image.node_count(); ++node) {
    std::uint32_t nearest = UINT32_MAX;  // the earliest place within the stage that it reads
    for (std::uint32_t i = wiring_.in_first[node]; i < wiring_.in_first[node + 1]; ++i) {
      if (wiring_.drivers[i] >= image.output_count()) continue;
      const std::uint32_t driver = image.node_of(wiring_.drivers[i]);
      if (driver >= stage && image.kernel(driver).run_one != nullptr) nearest = std::min(nearest, driver);
    }
    if (nearest == UINT32_MAX || blocks.empty()) {
      blocks.push_back(node);
      continue;
    }
    if (nearest >= blocks.back()) continue;
    if (node - stage >= kWide) {
      add_stage(blocks, node);
      stage = node;
      blocks.assign(1, node);
    } else {
      while (blocks.back() > nearest) blocks.pop_back();
    }
  }
  add_stage(blocks, image.node_count());
}

// Small blocks that lie side by side make one unit.
void Stages::add_stage(const std::vector<std::uint32_t>& blocks, std::uint32_t end) {
  if (blocks.empty()) return;
  const std::uint32_t nodes = end - blocks.front();
  const std::uint32_t wanted = std::clamp(nodes / (pool_.workers() * kUnitsAWorker), 1u, kUnitNodesMax);
  Stage stage{.first_unit = static_cast<std::uint32_t>(units_.size())};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::uint32_t block_end = i + 1 < blocks.size() ? blocks[i + 1] : end;
    const bool joins = units_.size() > stage.first_unit && units_.back().end - units_.back().first < wanted;
    if (joins)
      units_.back().end = block_end;
    else
      units_.push_back({blocks[i], block_end});
  }
  stage.count = static_cast<std::uint32_t>(units_.size()) - stage.first_unit;
  stages_.push_back(stage);
}

void Stages::run(const Sweep& sweep, std::span<const std::uint32_t> forced, std::int64_t now_ns, std::uint32_t& ran) {
  for (Stage& stage : stages_) {
    const Unit* units = units_.data() + stage.first_unit;
    const auto compute = [&](std::uint32_t unit, unsigned) {
      UnitHost& host = *hosts_[unit];
      host.begin();
      const Frame frame{wiring_, cells_, host, now_ns};
      sweep.run(frame, units[unit].first, units[unit].end, forced, host.ran);
    };
    const auto commit = [&](std::uint32_t unit) { hosts_[unit]->commit(host_, ran); };
    tickets::run_ordered(pool_, stage.count, compute, commit, {.cost = &stage.cost});
  }
}

}  // namespace yard::graph
