#include "engine/aot/table_writer.h"

#include <algorithm>
#include <functional>
#include <map>

namespace yard::graph::aot {
namespace {

// Appends `inline constexpr std::array<TYPE, COUNT> NAME = {{…}};`, a few elements a line.
class Array {
 public:
  Array(std::string& out, const std::string& type, const std::string& name, std::size_t count) : out_(out) {
    out_ += "inline constexpr std::array<" + type + ", " + std::to_string(count) + "> " + name + " = {" +
            (count == 0 ? "" : "{");
    is_empty_ = count == 0;
  }
  ~Array() { out_ += is_empty_ ? "};\n" : "}};\n"; }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  void add(const std::string& element) {
    constexpr std::size_t kLine = 112;
    const bool wraps = written_ == 0 || line_ + element.size() > kLine;
    out_ += written_++ == 0 ? "\n    " : wraps ? ",\n    " : ", ";
    line_ = wraps ? element.size() : line_ + element.size() + 2;
    out_ += element;
  }

 private:
  std::string& out_;
  bool is_empty_ = false;
  std::size_t written_ = 0;
  std::size_t line_ = 0;
};

std::string braced(std::initializer_list<std::string> fields) {
  std::string text = "{";
  for (const std::string& field : fields) text += (text.size() > 1 ? ", " : "") + field;
  return text + "}";
}
std::string braced(std::uint64_t a, std::uint64_t b) { return braced({std::to_string(a), std::to_string(b) + "u"}); }

class Writer {
 public:
  Writer(const Image& image, const Plan& plan, std::string& out)
      : image_(image), plan_(plan), wiring_(image.wiring()), cells_(image.make_cells()), out_(out) {}

  void write_wiring() {
    const std::uint32_t count = wiring_.in_first[image_.node_count()];
    out_ += "// The cell that each input reads, by node in the order of running.\n";
    // No std::array: compilers would evaluate its functions anew in each statement that has a part of it.
    out_ += "inline constexpr std::uint32_t kDrivers[] = {";
    for (std::uint32_t i = 0; i < count; ++i)
      out_ += (i % 16 == 0 ? "\n    " : " ") + std::to_string(wiring_.drivers[i]) + ",";
    out_ += count == 0 ? "0};\n" : "};\n";
  }

  void write_descriptors() {
    write_nodes();
    write_order();
    write_state();
    write_cell_types();
    write_initials();
    write_machine_tables();
    write_graph();
  }

 private:
  // ---- for hosts

  // Nodes with the same ports share a shape.
  void write_nodes() {
    std::map<std::string, std::uint32_t> shapes;
    std::vector<std::string> rows;
    std::uint32_t first_port = 0;
    for (const NodeDesc& node : image_.get_nodes()) {
      const std::uint32_t place = image_.place_of(node.handle);
      const auto shape = shapes.try_emplace(shape_of(node), static_cast<std::uint32_t>(shapes.size())).first->second;
      rows.push_back(braced({std::to_string(node.handle.value()), quoted(image_.id_of(node)), std::to_string(shape),
                             std::to_string(place), std::to_string(first_port), std::to_string(wiring_.in_first[place]),
                             std::to_string(wiring_.out_cell[place])}));
      first_port += static_cast<std::uint32_t>(image_.inputs_of(node).size() + image_.outputs_of(node).size());
    }
    write_shapes(shapes);
    {
      Array array(out_, "NodeDesc", "NODEFLOW_NODES", rows.size());
      for (const std::string& row : rows) array.add(row);
    }
    out_ += "inline constexpr Ports NODEFLOW_PORTS(NODEFLOW_NODES, NODEFLOW_SHAPES, kDrivers, " +
            std::to_string(first_port) + ");\n";
  }

  // The type, how many inputs, and the ports, as the file has them.
  std::string shape_of(const NodeDesc& node) const {
    std::string ports;
    const auto add = [&](const PortDesc& port) {
      const bool is_source = port.direction == Direction::kOutput && image_.kind_of(node).role == NodeRole::kSource;
      ports +=
          (ports.empty() ? "" : ", ") + braced({quoted(image_.id_of(port)), type_text(port.type),
                                                literal(port.port_class == PortClass::kEvent), literal(is_source)});
    };
    std::ranges::for_each(image_.inputs_of(node), add);
    std::ranges::for_each(image_.outputs_of(node), add);
    return quoted(image_.kind_of(node).name) + '\n' + std::to_string(image_.inputs_of(node).size()) + '\n' + ports;
  }
  void write_shapes(const std::map<std::string, std::uint32_t>& shapes) {
    std::vector<std::string> rows(shapes.size());
    for (const auto& [shape, number] : shapes) {
      const std::size_t type_ends = shape.find('\n');
      const std::size_t inputs_end = shape.find('\n', type_ends + 1);
      const std::string name = "kPortShapes" + std::to_string(number);
      const std::string ports = shape.substr(inputs_end + 1);
      if (!ports.empty())
        out_.append("inline constexpr PortShape ").append(name).append("[] = {").append(ports).append("};\n");
      rows[number] = braced({shape.substr(0, type_ends), ports.empty() ? "{}" : name,
                             shape.substr(type_ends + 1, inputs_end - type_ends - 1)});
    }
    Array array(out_, "NodeShape", "NODEFLOW_SHAPES", rows.size());
    for (const std::string& row : rows) array.add(row);
  }
  static std::string type_text(DataType type) {
    constexpr const char* kNames[] = {"kBool", "kInt64", "kDouble", "kString", "kBytes", "kJson"};
    return std::string("DataType::") + kNames[static_cast<std::size_t>(type)];
  }

  void write_order() {
    out_ += "// Handles of the nodes in the order in which they run; what converts on its way has none.\n";
    Array order(out_, "std::uint32_t", "NODEFLOW_TOPO_ORDER", image_.get_nodes().size());
    for (std::uint32_t place = 0; place < image_.node_count(); ++place)
      if (const auto handle = image_.handle_of(place)) order.add(std::to_string(handle->value()));
    std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
    for (std::uint32_t i = 0; i < image_.get_input_ports().size(); ++i)
      if (const auto driver = image_.driver_of(i))
        edges.emplace_back(image_.get_output_ports()[*driver].handle.value(),
                           image_.get_input_ports()[i].handle.value());
    edges_ = std::move(edges);
  }

  void write_state() {
    {
      Array array(out_, "Edge", "NODEFLOW_EDGES", edges_.size());
      for (const auto& [from, to] : edges_) array.add(braced({std::to_string(from), std::to_string(to)}));
    }
    std::vector<std::string> rows;
    for (std::uint32_t place = 0; place < image_.node_count(); ++place)
      if (const auto handle = image_.handle_of(place); handle && image_.kernel(place).state_words > 0)
        rows.push_back(
            braced({std::to_string(handle->value()), std::to_string(wiring_.extras[wiring_.extra[place]].state),
                    std::to_string(image_.state_words(place))}));
    Array array(out_, "StateDesc", "NODEFLOW_STATE", rows.size());
    for (const std::string& row : rows) array.add(row);
  }

  // ---- for the machine

  // A digit a cell of an output.
  void write_cell_types() {
    constexpr std::size_t kLine = 100;
    std::string types;
    for (std::uint32_t place = 0; place < image_.node_count(); ++place)
      for (const PortType& port : image_.kernel(place).outputs)
        types += static_cast<char>('0' + static_cast<int>(port.type));
    out_ += "// The type of each output's cell, as DataType has it.\ninline constexpr char kCellTypes[] =";
    for (std::size_t at = 0; at == 0 || at < types.size(); at += kLine)
      out_ += "\n    \"" + types.substr(at, kLine) + "\"";
    out_ += ";\n";
  }

  void write_initials() {
    write_words("kInitialValues", cells_.values, [](const Cell& cell) { return cell.bits(); });
    write_words("kInitialState", cells_.state, [](std::uint64_t word) { return word; });
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < cells_.texts.size(); ++i)
      if (!cells_.texts[i].view().empty()) rows.push_back(braced({std::to_string(i), literal(cells_.texts[i].view())}));
    Array array(out_, "TextAt", "kInitialTexts", rows.size());
    for (const std::string& row : rows) array.add(row);
  }
  template <typename Column, typename Bits>
  void write_words(const char* name, const Column& column, Bits bits_of) {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < column.size(); ++i)
      if (bits_of(column[i]) != 0) rows.push_back(braced(i, bits_of(column[i])));
    Array array(out_, "Word", name, rows.size());
    for (const std::string& row : rows) array.add(row);
  }

  void write_machine_tables() {
    write_sources();
    write_sleepers();
    {
      std::vector<std::string> events;
      for (std::uint32_t cell = 0; cell < image_.output_count(); ++cell)
        if ((cells_.marks[cell] & kEvent) != 0) events.push_back(std::to_string(cell));
      Array array(out_, "std::uint32_t", "kEventCells", events.size());
      for (const std::string& cell : events) array.add(cell);
    }
    {
      Array array(out_, "std::uint32_t", "kHandles", image_.node_count());
      for (std::uint32_t place = 0; place < image_.node_count(); ++place) {
        const auto handle = image_.handle_of(place);
        array.add(handle ? std::to_string(handle->value()) : "UINT32_MAX");
      }
    }
    std::vector<std::uint32_t> first = {0};
    std::vector<std::uint32_t> readers;
    for (std::uint32_t chunk = 0; chunk < plan_.chunks.size(); ++chunk) {
      const std::vector<std::uint32_t> own = readers_of(image_, plan_, chunk);
      readers.insert(readers.end(), own.begin(), own.end());
      first.push_back(static_cast<std::uint32_t>(readers.size()));
    }
    write_numbers("kFirstChunkReader", first);
    write_numbers("kChunkReaders", readers);
  }
  void write_numbers(const char* name, const std::vector<std::uint32_t>& numbers) {
    Array array(out_, "std::uint32_t", name, numbers.size());
    for (const std::uint32_t number : numbers) array.add(std::to_string(number));
  }

  void write_sources() {
    std::vector<std::uint32_t> readers;
    std::vector<std::string> rows;
    for (std::uint32_t place = 0; place < image_.node_count(); ++place) {
      if (image_.kind_of_place(place).role != NodeRole::kSource) continue;
      const std::uint32_t cell = wiring_.out_cell[place];
      const std::size_t first = readers.size();
      for (const std::uint32_t node : image_.readers(cell))
        if (readers.size() == first || readers.back() != plan_.chunk_of[node]) readers.push_back(plan_.chunk_of[node]);
      rows.push_back(braced({std::to_string(cell), std::to_string(first), std::to_string(readers.size())}));
    }
    {
      Array array(out_, "SourceCell", "kSources", rows.size());
      for (const std::string& row : rows) array.add(row);
    }
    write_numbers("kSourceReaders", readers);
  }

  void write_sleepers() {
    std::vector<std::string> rows;
    for (std::uint32_t place = 0; place < image_.node_count(); ++place) {
      const Kernel& kernel = image_.kernel(place);
      if (!kernel.outside || kernel.outputs.empty()) continue;
      rows.push_back(
          braced({std::to_string(place), std::to_string(wiring_.out_cell[place]), literal(!kernel.inputs.empty())}));
    }
    sleepers_ = rows.size();
    Array array(out_, "Sleeper", "kSleeperTable", rows.size());
    for (const std::string& row : rows) array.add(row);
  }

  void write_graph() {
    out_ += "\n// What the machine asks of its graph.\nstruct Graph {\n";
    const auto constant = [&](const char* name, std::size_t value) {
      out_ += std::string("  static constexpr std::uint32_t ") + name + " = " + std::to_string(value) + ";\n";
    };
    constant("kCells", cells_.values.size());
    constant("kStateWords", cells_.state.size());
    constant("kTexts", cells_.texts.size());
    constant("kTextStates", cells_.text_state.size());
    constant("kChunks", plan_.chunks.size());
    constant("kSleepers", sleepers_);
    const auto view = [&](const char* type, const char* name, const char* array) {
      out_ +=
          std::string("  static constexpr std::span<const ") + type + "> " + name + "() { return " + array + "; }\n";
    };
    out_ += "  static constexpr const Ports& ports() { return NODEFLOW_PORTS; }\n";
    view("Chunk", "chunks", "kChunkTable");
    view("std::uint64_t", "hash", "graph_hash");
    out_ += "  static constexpr std::string_view cell_types() { return kCellTypes; }\n";
    view("SourceCell", "sources", "kSources");
    view("std::uint32_t", "source_readers", "kSourceReaders");
    view("Sleeper", "sleepers", "kSleeperTable");
    view("std::uint32_t", "event_cells", "kEventCells");
    view("Word", "initial_values", "kInitialValues");
    view("Word", "initial_state", "kInitialState");
    view("TextAt", "initial_texts", "kInitialTexts");
    out_ +=
        "  static constexpr std::uint32_t handle_of(std::uint32_t node) { return kHandles[node]; }\n"
        "  static constexpr std::span<const std::uint32_t> chunk_readers(std::uint32_t chunk) {\n"
        "    return std::span<const std::uint32_t>(kChunkReaders)\n"
        "        .subspan(kFirstChunkReader[chunk], kFirstChunkReader[chunk + 1] - kFirstChunkReader[chunk]);\n"
        "  }\n};\n";
  }

  const Image& image_;
  const Plan& plan_;
  Wiring wiring_;
  Cells cells_;
  std::string& out_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges_;
  std::size_t sleepers_ = 0;
};

}  // namespace

void write_wiring(const Image& image, const Plan& plan, std::string& out) { Writer(image, plan, out).write_wiring(); }

void write_descriptors(const Image& image, const Plan& plan, std::string& out) {
  Writer(image, plan, out).write_descriptors();
}

}  // namespace yard::graph::aot
