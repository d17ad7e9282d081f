// Generated code beside the engine: the same values, faults, effects and numbers of steps, to the bit.
#include "engine/aot/generate.h"
#include "tests/engine/aot/any_graph.h"
#include "tests/engine/aot/build.h"
#include "tests/engine/aot/script.h"
#include "tests/engine/world/random_graph.h"

namespace yard::graph::testing {
namespace {

using aot::generate;

// Runs scripts: "graph NUMBER", then what Script writes; prints what Script says has to come of it.
constexpr const char* kPlayer = R"cc(
#include <iostream>
#include <sstream>

  template <typename State, typename Ports>
  void tell(State& state, const Ports& ports, std::uint64_t steps) {
    std::cout << "steps " << steps << "\n";
    for (const auto port : ports) {
      if (!port.is_output) continue;
      std::cout << port.handle << " ";
      if (const auto* fault = state.fault(port.cell))
        std::cout << "fault " << static_cast<int>(fault->code) << " " << fault->text << "\n";
      else if (static_cast<int>(port.dtype) >= 3)
        std::cout << state.text(port.cell) << "\n";
      else
        std::cout << state.bits(port.cell) << "\n";
    }
    for (const auto& effect : state.effects) {
      std::cout << "effect " << effect.event_id << " " << effect.node << " " << effect.channel << " ";
      if (static_cast<int>(effect.type) >= 3)
        std::cout << effect.text << "\n";
      else
        std::cout << effect.bits << "\n";
    }
    for (const auto& breach : state.breaches)
      std::cout << "breach " << breach.event_id << " " << breach.node << " " << breach.message
                << (breach.rolled_back ? " back\n" : "\n");
    state.effects.clear();
    state.breaches.clear();
  }

  template <typename State, typename Ports>
  void play(const Ports& ports) {
    static State state;
    state.reset();
    for (std::string line; std::getline(std::cin, line) && line != "end";) {
      std::istringstream words(line);
      std::string verb;
      std::uint32_t cell = 0;
      std::uint64_t bits = 0;
      words >> verb;
      if (verb == "set" && words >> cell >> bits) state.set(cell, bits);
      if (verb == "emit" && words >> cell >> bits) state.emit(cell, bits);
      if (verb == "text" && words >> cell) {
        words.ignore(1);
        std::string text;
        std::getline(words, text);
        state.set(cell, std::string_view(text));
      }
      if (verb == "tick" && words >> bits) tell(state, ports, state.tick(static_cast<std::int64_t>(bits)));
      if (verb == "step") tell(state, ports, state.step());
    }
  }
)cc";

// Some graphs in one program.
class Program {
 public:
  // Plays `happenings` to a world of this graph, and remembers it for the program.
  void add(const std::string& document, Random& random, int happenings) {
    const auto world = make_world(document, {.pull = false});
    ASSERT_NE(world, nullptr);
    const std::string name = "g" + std::to_string(count_++);
    const auto text = generate(world->image(), {.name = name});
    ASSERT_TRUE(text.has_value()) << text.error().front().message;
    write_file(folder_.path() / (name + ".h"), *text);
    includes_ += "#include \"" + name + ".h\"\n";
    calls_ += "  play<" + name + "::State>(" + name + "::NODEFLOW_PORTS);\n";
    Script script(random, *world);
    for (int i = 0; i < happenings; ++i) script.happen();
    input_ += script.input + "end\n";
    wanted_ += script.output;
  }

  void check(const std::string& compiler = "c++") {
    write_file(folder_.path() / "main.cc", includes_ + kPlayer + "int main() {\n" + calls_ + "}\n");
    write_file(folder_.path() / "in", input_);
    const std::string at = folder_.path().string() + "/";
    if (!run(compiler + " -std=c++20 -O1 -ffp-contract=off" + kWarnings + at + "main.cc -o " + at + "main", at + "log"))
      return;
    if (!run("(" + at + "main < " + at + "in > " + at + "out)", at + "log")) return;
    compare(read_file(at + "out"));
  }

 private:
  void compare(const std::string& got) {
    if (got == wanted_) return;
    std::istringstream ours(got);
    std::istringstream theirs(wanted_);
    std::string our_line;
    std::string their_line;
    for (int line = 1; std::getline(theirs, their_line); ++line) {
      std::getline(ours, our_line);
      ASSERT_EQ(our_line, their_line) << "line " << line;
    }
    ADD_FAILURE() << "the program says more than the world";
  }

  yard::testing::TempDir folder_;
  int count_ = 0;
  std::string includes_;
  std::string calls_;
  std::string input_;
  std::string wanted_;
};

TEST(GeneratedCode, IsWhatTheEngineIsForEveryKind) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  Program program;
  for (const std::uint32_t count : {30u, 60u, 120u, 300u})
    program.add(AnyGraph(random, *standard_kinds(), count).text(), random, 40);
  program.check();
}

TEST(GeneratedCode, IsWhatTheEngineIsForRandomGraphs) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  Program program;
  for (const std::uint32_t count : {5u, 20u, 45u, 65u, 90u})
    program.add(RandomGraph(random, count).document().dump(), random, 60);
  program.check();
}

TEST(GeneratedCode, GoesOnFromAWorldsSnapshotAndGivesItBack) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  const auto world = make_world(AnyGraph(random, *standard_kinds(), 150).text(), {.pull = false});
  Script before(random, *world);
  for (int i = 0; i < 30; ++i) before.happen();
  yard::testing::TempDir folder;
  const std::string at = folder.path().string() + "/";
  write_file(at + "graph.h", *generate(world->image(), {}));
  write_file(at + "main.cc", R"cc(
#include <graph.h>
#include <fstream>
#include <iterator>
    int main(int, char** files) {
      std::ifstream in(files[1], std::ios::binary);
      const std::string snapshot{std::istreambuf_iterator<char>(in), {}};
      static nodeflow::State state;
      if (nodeflow::nodeflow_load(snapshot.substr(0, snapshot.size() - 9), &state)) return 1;
      if (!nodeflow::nodeflow_load(snapshot, &state)) return 2;
      nodeflow::nodeflow_tick(250, &state);
      std::ofstream(files[2], std::ios::binary) << nodeflow::nodeflow_save(&state);
    }
  )cc");
  write_file(at + "before", world->snapshot());
  ASSERT_TRUE(run("c++ -std=c++20 -O1 -ffp-contract=off" + std::string(kWarnings) + "-I" + at + " " + at +
                      "main.cc -o " + at + "main && " + at + "main " + at + "before " + at + "after",
                  at + "log"));
  ASSERT_TRUE(world->apply(AdvanceCause{world->now_ns() + 250 * kMs}));
  while (!world->settle()) {
  }
  const Bytes after = seal_state(read_file(at + "after"));
  EXPECT_EQ(after, world->snapshot());
  EXPECT_TRUE(world->restore(after));
}

TEST(GeneratedCode, CountsTimersEventsHoweverTimeIsSliced) {
  const std::string graph = Sketch()
                                .node("timer", "Timer", "double", R"("interval_ms": 100)")
                                .node("counter", "Counter", "int64", "", "in1:double")
                                .wire("timer", "out", "counter", "in1")
                                .json();
  const auto world = make_world(graph);
  yard::testing::TempDir folder;
  write_file(folder.path() / "graph.h", *generate(world->image(), {}));
  write_file(folder.path() / "main.cc", R"cc(
#include <graph.h>
    static int count(int ticks, double ms) {
      static nodeflow::State state;
      nodeflow::nodeflow_init(&state);
      for (int i = 0; i < ticks; ++i) nodeflow::nodeflow_tick(ms, &state);
      for (const auto port : nodeflow::NODEFLOW_PORTS)
        if (port.node == 1 && port.is_output) return static_cast<int>(nodeflow::nodeflow_get_output(port.handle, &state));
      return -1;
    }
    int main() { return count(10, 100) == 10 && count(20, 50) == 10 && count(1, 1000) == 10 ? 0 : 1; }
  )cc");
  const std::string at = folder.path().string() + "/";
  EXPECT_TRUE(run(
      "c++ -std=c++20" + std::string(kWarnings) + "-I" + at + " " + at + "main.cc -o " + at + "main && " + at + "main",
      at + "log"));
}

}  // namespace
}  // namespace yard::graph::testing
