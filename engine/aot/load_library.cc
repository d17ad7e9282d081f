#include <dlfcn.h>

#include <string>
#include <vector>

#include "engine/aot/generate.h"
#include "engine/aot/library.h"
#include "engine/aot/runtime/abi.h"

namespace yard::graph::aot {
namespace {

using generated::Bytes;
using generated::Columns;
using generated::Words;

constexpr const char* kEntry = "switchyard_compiled_graph";

static_assert(static_cast<int>(generated::kChanged) == kChanged && static_cast<int>(generated::kFaulty) == kFaulty &&
              static_cast<int>(generated::kEvent) == kEvent && static_cast<int>(generated::kForced) == kForced);
static_assert(sizeof(Cell) == sizeof(std::uint64_t) && sizeof(generated::Mark) == sizeof(Mark));

struct Close {
  void operator()(void* library) const { ::dlclose(library); }
};
using Handle = std::unique_ptr<void, Close>;

// A library's chunks on a world's columns. What the code asks for goes to the world's own cells and host.
class LoadedNodes final : public CompiledNodes {
 public:
  LoadedNodes(Handle library, const generated::CompiledGraph& graph)
      : library_(std::move(library)),
        graph_(graph),
        hash_{graph.hash_high, graph.hash_low},
        host_{this,     wake,     effect,     breach,         restless,  events,     emit,
              get_text, put_text, text_state, put_text_state, put_fault, copy_fault, clear_fault} {
    for (std::uint32_t i = 0; i < graph.chunk_count; ++i)
      chunks_.push_back({graph.chunks[i].first_node, graph.chunks[i].end_node});
  }

  [[nodiscard]] const Hash128& graph_hash() const override { return hash_; }
  [[nodiscard]] std::span<const Chunk> chunks() const override { return chunks_; }

  bool run(std::uint32_t chunk, const Frame& frame, std::uint32_t& ran) override {
    frame_ = &frame;
    ran_ = &ran;
    columns_ = {reinterpret_cast<std::uint64_t*>(frame.cells.values.data()),
                reinterpret_cast<generated::Mark*>(frame.cells.marks.data()),
                frame.cells.state.data(),
                &host_,
                frame.now_ns,
                ran};
    const bool changed = graph_.chunks[chunk].run(columns_);
    ran = columns_.ran;
    return changed;
  }

 private:
  static LoadedNodes& of(void* self) { return *static_cast<LoadedNodes*>(self); }
  static Cells& cells(void* self) { return of(self).frame_->cells; }
  static std::string_view view(Bytes bytes) { return {bytes.data, bytes.size}; }
  static Bytes bytes(const Text& text) { return {text.view().data(), text.view().size()}; }
  // The world's host asks how far the wave has come.
  static Host& host(void* self) {
    *of(self).ran_ = of(self).columns_.ran;
    return of(self).frame_->host;
  }

  static void wake(void* self, std::uint32_t node, std::int64_t at_ns) { host(self).wake(node, at_ns); }
  static void effect(void* self, std::uint32_t node, Bytes channel, std::uint8_t type, std::uint32_t cell) {
    host(self).effect(node, view(channel), static_cast<DataType>(type), cells(self).values[cell]);
  }
  static void breach(void* self, std::uint32_t node, Bytes message, bool roll_back) {
    host(self).breach(node, view(message), roll_back);
  }
  static void restless(void*, std::uint32_t) {}  // waves run cycles themselves
  static Words events(void* self, std::uint32_t cell) {
    const std::vector<Cell>& queue = cells(self).events.find(cell)->second;
    return {reinterpret_cast<const std::uint64_t*>(queue.data()), queue.size()};
  }
  static void emit(void* self, std::uint32_t cell, std::uint64_t bits) {
    cells(self).emit(cell, Cell::from_bits(bits));
  }
  static const Text& text_of(void* self, std::uint32_t cell) {
    return cells(self).texts[cells(self).values[cell].bits()];
  }
  static Bytes get_text(void* self, std::uint32_t cell) { return bytes(text_of(self, cell)); }
  static bool put_text(void* self, std::uint32_t cell, Bytes text) {
    const bool is_faulty = (cells(self).marks[cell] & kFaulty) != 0;
    if (!is_faulty && text_of(self, cell).view() == view(text)) return false;
    return cells(self).put(cell, Text(std::string(view(text))));
  }
  static Bytes text_state(void* self, std::uint32_t place) { return bytes(cells(self).text_state[place]); }
  static void put_text_state(void* self, std::uint32_t place, Bytes text) {
    Text& held = cells(self).text_state[place];
    if (held.view() != view(text)) held = Text(std::string(view(text)));
  }
  static bool put_fault(void* self, std::uint32_t cell, std::uint8_t code, Bytes text) {
    return cells(self).put(cell, Fault{static_cast<FaultCode>(code), std::string(view(text))});
  }
  static bool copy_fault(void* self, std::uint32_t from, std::uint32_t to) {
    return cells(self).put(to, cells(self).faults.at(from));
  }
  static void clear_fault(void* self, std::uint32_t cell) { (void)cells(self).put(cell, cells(self).values[cell]); }

  Handle library_;
  const generated::CompiledGraph& graph_;  // within the library
  Hash128 hash_;
  std::vector<Chunk> chunks_;
  generated::Host host_;
  Columns columns_{};
  const Frame* frame_ = nullptr;  // of the run that goes on
  std::uint32_t* ran_ = nullptr;
};

std::string last_error() {
  const char* said = ::dlerror();
  return said == nullptr ? "it cannot be loaded" : said;
}

}  // namespace

Result<std::shared_ptr<CompiledNodes>> load_library(const std::filesystem::path& path, const Image& image) {
  // An absolute path: a bare name would be looked for elsewhere.
  Handle library(::dlopen(std::filesystem::absolute(path).c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!library) return fail(ErrorCode::kNotFound, path.string() + ": " + last_error());
  using Entry = const generated::CompiledGraph* (*)();
  const auto entry = reinterpret_cast<Entry>(::dlsym(library.get(), kEntry));
  if (entry == nullptr) return fail(ErrorCode::kUnsupported, path.string() + " is no compiled graph");
  const generated::CompiledGraph& graph = *entry();
  if (graph.abi_version != generated::kAbiVersion)
    return fail(ErrorCode::kUnsupported, path.string() + " was compiled for version " +
                                             std::to_string(graph.abi_version) + "; compile it again");
  const Hash128 hash{graph.hash_high, graph.hash_low};
  if (hash != image.hash())
    return fail(ErrorCode::kConflict,
                path.string() + " is of graph " + to_hex(hash) + ", this one is " + to_hex(image.hash()));
  const auto plan = make_plan(image);
  if (!plan || graph.layout != layout_hash(image, *plan) || graph.node_count != image.node_count())
    return fail(ErrorCode::kConflict, path.string() + " has another layout than this graph; compile it again");
  return std::make_shared<LoadedNodes>(std::move(library), graph);
}

}  // namespace yard::graph::aot
