#include "tests/bench/engine_shapes.h"

#include <algorithm>
#include <numeric>

#include "engine/base/random.h"

namespace yard::bench {
namespace {

Shape sized(std::string name, std::uint32_t count) {
  Shape shape{std::move(name), {}, {}};
  shape.a.reserve(count);
  shape.b.reserve(count);
  return shape;
}

void add(Shape& shape, std::uint32_t a, std::uint32_t b) {
  shape.a.push_back(a);
  shape.b.push_back(b);
}

void append_node(std::string& text, std::uint32_t node, bool is_source) {
  text += R"({"id":"n)" + std::to_string(node);
  text += is_source ? R"(","type":"Value","outputs":[{"id":"y","type":"int64"}],"parameters":{"value":1}})"
                    : R"(","type":"Mix"})";
}

void append_wire(std::string& text, std::uint32_t from, std::uint32_t to, char port) {
  text += R"({"fromNode":"n)" + std::to_string(from) + R"(","fromPort":"y","toNode":"n)" + std::to_string(to) +
          R"(","toPort":")" + port + "\"},\n";
}

}  // namespace

Shape chain(std::uint32_t count) {
  Shape shape = sized("chain", count);
  add(shape, 0, 0);
  for (std::uint32_t i = 1; i < count; ++i) add(shape, i - 1, i - 1);
  return shape;
}

Shape diamonds(std::uint32_t count) {
  Shape shape = sized("diamond", count);
  add(shape, 0, 0);
  for (std::uint32_t i = 1; i < count; ++i) {
    const std::uint32_t join = (i - 1) / 3 * 3;
    i % 3 == 0 ? add(shape, i - 2, i - 1) : add(shape, join, join);
  }
  return shape;
}

Shape fan(std::uint32_t count) {
  Shape shape = sized("fan", count);
  add(shape, 0, 0);
  const std::uint32_t half = count / 2;
  for (std::uint32_t i = 1; i < count; ++i)
    i <= half ? add(shape, 0, 0) : add(shape, i - half, i - half + (i - half < half));
  return shape;
}

Shape layers(std::uint32_t count) {
  Shape shape = sized("layers", count);
  SeededRandom random(1);
  std::uint32_t width = 1;
  while (width * width < count) ++width;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t above = i / width * width - width;
    const auto pick = [&] { return above + static_cast<std::uint32_t>(random.next() % width); };
    if (i < width) {
      add(shape, i, i);
    } else {
      const std::uint32_t first = pick();
      add(shape, first, pick());
    }
  }
  return shape;
}

Shape chains(std::uint32_t groups, std::uint32_t length) {
  Shape shape = sized("chains", groups * (length + 1));
  for (std::uint32_t group = 0; group < groups; ++group) {
    const std::uint32_t source = shape.size();
    add(shape, source, source);
    for (std::uint32_t i = 0; i < length; ++i) add(shape, source + i, source + i);
  }
  return shape;
}

std::string to_document(const Shape& shape, DocumentOrder order, std::vector<std::uint32_t>& places) {
  std::vector<std::uint32_t> nodes(shape.size());
  std::iota(nodes.begin(), nodes.end(), 0u);
  if (order == DocumentOrder::kShuffled) {
    SeededRandom random(2);
    for (std::size_t i = nodes.size(); i > 1; --i) std::swap(nodes[i - 1], nodes[random.next() % i]);
  }
  places.resize(shape.size());
  for (std::uint32_t i = 0; i < shape.size(); ++i) places[nodes[i]] = i;
  std::string text = "{\"nodes\":[";
  text.reserve(shape.size() * std::size_t{260} + 100);
  for (const std::uint32_t node : nodes) {
    append_node(text, node, shape.is_source(node));
    text += ",\n";
  }
  text.resize(text.size() - 2);
  text += "],\"connections\":[";
  const std::size_t before = text.size();
  for (const std::uint32_t node : nodes) {
    if (shape.is_source(node)) continue;
    append_wire(text, shape.a[node], node, 'a');
    append_wire(text, shape.b[node], node, 'b');
  }
  if (text.size() > before) text.resize(text.size() - 2);
  return text + "],\"options\":{\"mode\":\"push\"}}";
}

}  // namespace yard::bench
