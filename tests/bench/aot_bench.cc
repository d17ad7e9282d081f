// Generated code beside loops by hand, and worlds that it runs beside worlds with kernels.
#include <algorithm>
#include <bit>
#include <chrono>
#include <memory>

#include "engine/aot/generate.h"
#include "engine/aot/library.h"
#include "engine/base/check.h"
#include "engine/kinds/standard.h"
#include "engine/world/world.h"
#include "tests/bench/engine_shapes.h"
#include "tests/bench/road_bench.h"
#include "tests/support/temp_dir.h"

namespace yard::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Each node of a shape is two of the graph: the sum of its drivers' halves, and the half of that. What all sources are
// set to is what all sums become, so that changes neither vanish nor grow.
std::string to_document(const Shape& shape) {
  std::string nodes;
  std::string wires;
  const auto number = [](std::uint32_t node) { return std::to_string(node); };
  const auto wire = [&](const std::string& from, const std::string& to, const char* port) {
    wires += (wires.empty() ? "" : ",\n") + std::string(R"({"fromNode":")") + from +
             R"(","fromPort":"out","toNode":")" + to + R"(","toPort":")" + port + "\"}";
  };
  constexpr const char* kOut = R"("outputs":[{"id":"out","type":"double"}])";
  for (std::uint32_t node = 0; node < shape.size(); ++node) {
    const bool is_source = shape.is_source(node);
    nodes += (nodes.empty() ? "" : ",\n") + std::string(R"({"id":"s)") + number(node) + R"(","type":")" +
             (is_source ? "Value" : "Add") + "\"," +
             (is_source ? "" : R"("inputs":[{"id":"a","type":"double"},{"id":"b","type":"double"}],)") + kOut + "},\n" +
             R"({"id":"h)" + number(node) + R"(","type":"Multiply",)" + kOut + R"(,"parameters":{"b":0.5}})";
    wire("s" + number(node), "h" + number(node), "a");
    if (is_source) continue;
    wire("h" + number(shape.a[node]), "s" + number(node), "a");
    wire("h" + number(shape.b[node]), "s" + number(node), "b");
  }
  return R"({"nodes":[)" + nodes + R"(],"connections":[)" + wires + R"(],"options":{"mode":"push"}})";
}

// What somebody writes who knows the shape: loops over arrays that compute what has changed, by bits as the engine
// does.
class ByHand {
 public:
  explicit ByHand(const Shape& shape)
      : shape_(shape), sums_(shape.size()), halves_(shape.size()), changed_(shape.size()) {}

  void propagate(double value) {
    for (std::uint32_t node = 0; node < shape_.size(); ++node) {
      const bool is_source = shape_.is_source(node);
      if (!is_source && (changed_[shape_.a[node]] | changed_[shape_.b[node]]) == 0) continue;
      const double sum = is_source ? value : halves_[shape_.a[node]] + halves_[shape_.b[node]];
      if (std::bit_cast<std::uint64_t>(sum) == std::bit_cast<std::uint64_t>(sums_[node])) continue;
      sums_[node] = sum;
      const double half = sum * 0.5;
      changed_[node] = std::bit_cast<std::uint64_t>(half) != std::bit_cast<std::uint64_t>(halves_[node]);
      halves_[node] = half;
    }
    std::ranges::fill(changed_, std::uint8_t{0});
  }
  [[nodiscard]] double last() const { return sums_.back(); }

 private:
  const Shape& shape_;
  std::vector<double> sums_;
  std::vector<double> halves_;
  std::vector<std::uint8_t> changed_;
};

struct NoTracer final : graph::Tracer {
  void before(std::uint32_t) override {}
  void after(std::uint32_t, bool) override {}
};

struct Case {
  explicit Case(Shape made) : shape(std::move(made)), hand(shape) {
    auto loaded = graph::load_graph(to_document(shape), graph::standard_kinds());
    YARD_CHECK(loaded.has_value());
    const auto header = graph::aot::generate(**loaded, {});
    YARD_CHECK(header.has_value());
    YARD_CHECK(graph::aot::build_library(*header, folder.path() / "graph.so"));
    auto nodes = graph::aot::load_library(folder.path() / "graph.so", **loaded);
    YARD_CHECK(nodes.has_value());
    for (auto* world : {&kernels, &compiled, &one_by_one}) {
      *world = std::make_unique<graph::World>(*loaded, graph::WorldOptions{});
      YARD_CHECK((*world)->settle());
    }
    YARD_CHECK(compiled->use_compiled(*std::move(nodes)));
    one_by_one->set_tracer(&tracer);
    for (std::uint32_t node = 0; node < shape.size(); ++node)
      if (shape.is_source(node))
        sources.push_back(*compiled->source(*compiled->find_output("s" + std::to_string(node))));
  }

  void propagate(graph::World& world) {
    value += 1;
    for (const graph::Source& source : sources) world.set(source, graph::Cell(value));
    YARD_CHECK(world.settle());
  }

  testing::TempDir folder;
  Shape shape;
  ByHand hand;
  NoTracer tracer;
  std::unique_ptr<graph::World> kernels;
  std::unique_ptr<graph::World> compiled;
  std::unique_ptr<graph::World> one_by_one;
  std::vector<graph::Source> sources;
  double value = 1;
};

template <typename Work>
double ns_a_node(std::uint32_t nodes, Work&& work) {
  const std::uint32_t times = std::max(3u, 6'000'000 / nodes);
  work();  // warm
  const auto began = Clock::now();
  for (std::uint32_t i = 0; i < times; ++i) work();
  return std::chrono::duration<double, std::nano>(Clock::now() - began).count() / (double{1} * times * nodes);
}

void add(std::vector<Comparison>& all, const std::string& name, std::uint32_t count, Shape (*shape)(std::uint32_t)) {
  const auto of = [slot = std::make_shared<std::unique_ptr<Case>>(), shape, count]() -> Case& {
    if (!*slot) *slot = std::make_unique<Case>(shape(count / 2));
    return **slot;
  };
  const auto ours = [=] { return ns_a_node(count, [&] { of().propagate(*of().compiled); }); };
  const auto beside = [&](const std::string& reference, double reach_for, std::function<double()> measure) {
    all.push_back({.name = "aot " + name + " " + std::to_string(count) + " beside " + reference,
                   .reference_name = reference,
                   .unit = "ns a node",
                   .reach_for = reach_for,
                   .smaller_is_better = true,
                   .ours = ours,
                   .reference = std::move(measure)});
  };
  beside("loops by hand", 1.1, [=] { return ns_a_node(count, [&] { of().hand.propagate(of().value += 1); }); });
  beside("the sweep", 1, [=] { return ns_a_node(count, [&] { of().propagate(*of().kernels); }); });
  beside("one by one", 1, [=] { return ns_a_node(count, [&] { of().propagate(*of().one_by_one); }); });
}

}  // namespace

std::vector<Comparison> aot_comparisons() {
  std::vector<Comparison> all;
  for (const std::uint32_t count : {1'000u, 10'000u, 100'000u}) {
    add(all, "chain", count, chain);
    add(all, "diamond", count, diamonds);
    add(all, "fan", count, fan);
    add(all, "layers", count, layers);
  }
  return all;
}

}  // namespace yard::bench
