// Any lines for a world, any records for a replay: answers or errors, never a crash; what a world wrote replays to its
// bytes, and a refused line changes nothing.
#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "engine/kinds/standard.h"
#include "engine/world/replay.h"
#include "engine/world/session.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace yard;
using namespace yard::graph;

constexpr int kSettlesMax = 4;  // a line may ask for years
constexpr std::uint32_t kWavesMax = 200;

constexpr const char* kGraph = R"({"nodes": [
  {"id": "a", "type": "Value", "outputs": [{"id": "out", "type": "int64"}]},
  {"id": "s", "type": "Value", "outputs": [{"id": "out", "type": "string"}]},
  {"id": "j", "type": "Value", "outputs": [{"id": "out", "type": "json"}]},
  {"id": "e", "type": "EventInput", "outputs": [{"id": "out", "type": "double"}]},
  {"id": "t", "type": "Timer", "outputs": [{"id": "out", "type": "double"}], "parameters": {"interval_ms": 7}},
  {"id": "c", "type": "Counter", "inputs": [{"id": "in1", "type": "double"}], "outputs": [{"id": "out", "type": "int64"}]},
  {"id": "n", "type": "Counter", "inputs": [{"id": "in1", "type": "double"}], "outputs": [{"id": "out", "type": "int64"}]},
  {"id": "d", "type": "Divide", "outputs": [{"id": "out", "type": "int64"}]},
  {"id": "p", "type": "JsonAt", "outputs": [{"id": "out", "type": "json"}], "parameters": {"pointer": "/a/0"}},
  {"id": "r", "type": "LessEqual", "inputs": [{"id": "a", "type": "int64"}, {"id": "b", "type": "int64"}],
   "parameters": {"b": 50}},
  {"id": "g", "type": "Require", "parameters": {"roll_back": true}},
  {"id": "x", "type": "Emit", "inputs": [{"id": "x", "type": "int64"}]}],
 "connections": [
  {"fromNode": "e", "fromPort": "out", "toNode": "c", "toPort": "in1"},
  {"fromNode": "t", "fromPort": "out", "toNode": "n", "toPort": "in1"},
  {"fromNode": "a", "fromPort": "out", "toNode": "d", "toPort": "a"},
  {"fromNode": "c", "fromPort": "out", "toNode": "d", "toPort": "b"},
  {"fromNode": "j", "fromPort": "out", "toNode": "p", "toPort": "x"},
  {"fromNode": "a", "fromPort": "out", "toNode": "r", "toPort": "a"},
  {"fromNode": "r", "fromPort": "out", "toNode": "g", "toPort": "holds"},
  {"fromNode": "d", "fromPort": "out", "toNode": "x", "toPort": "x"}]})";

std::unique_ptr<World> make_world() {
  static const auto kinds = standard_kinds();
  auto world = World::load(kGraph, kinds, {.journal = tickets::JournalLevel::kFull});
  YARD_CHECK(world.has_value());
  return *std::move(world);
}

bool settles(World& world) {
  for (int i = 0; i < kSettlesMax; ++i)
    if (world.settle(kWavesMax)) return true;
  return false;
}

void take_lines(std::string_view text) {
  const auto world = make_world();
  Session session(*world);
  YARD_CHECK(settles(*world));
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const Bytes before = world->snapshot();
    const auto answer = session.take(line);
    if (answer["ok"] != true) {
      YARD_CHECK(answer.contains("code") && answer.contains("pointer"));
      YARD_CHECK(world->is_at_rest() && world->snapshot() == before);
    }
    if (!settles(*world)) return;
  }
  Replay replay(world->image().kinds(), {.verify = true});
  YARD_CHECK(replay.take(world->journal_part().bytes, 1).has_value());
  YARD_CHECK(replay.finish().has_value());
  YARD_CHECK(replay.take_missing().empty() && replay.world().snapshot() == world->snapshot());
}

void take_records(std::string_view bytes) {
  const auto world = make_world();
  for (const bool verify : {false, true}) {
    Replay replay(world->image().kinds(), {.verify = verify});
    YARD_CHECK(replay.take(world->journal_part().bytes, 1).has_value());
    // A record may ask for years, too: those that let time go far are left out.
    (void)replay.take(bytes, replay.seq() + 1);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  data[0] % 2 == 0 ? take_lines(rest) : take_records(rest);
  return 0;
}
