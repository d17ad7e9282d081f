#include "engine/aot/code_writer.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace yard::graph::aot {
namespace {

constexpr std::uint32_t kSpanMin = 8;            // nodes that are worth a loop of their own
constexpr std::uint32_t kManyMin = 4;            // nodes that are worth a call
constexpr std::uint32_t kStatementsMax = 2'000;  // nodes of a graph up to which each has its own statement

// Nodes [first, first + count) that one statement can be about.
struct Piece {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

struct Settings {
  std::string name;
  std::string rows;
  std::uint32_t count = 0;
};

class Writer {
 public:
  Writer(const Image& image, const Plan& plan, std::string& out)
      : image_(image), plan_(plan), wiring_(image.wiring()), out_(out) {}

  void write() {
    for (const Code& code : plan_.codes)
      if (!code.definition.empty()) out_ += "struct " + code.type + " {\n" + code.definition + "};\n";
    for (std::uint32_t chunk = 0; chunk < plan_.chunks.size(); ++chunk)
      plan_.chunks[chunk].cycle ? write_cycle(chunk) : write_chunk(chunk);
    for (const auto& [type, of_type] : settings_)
      out_ += "inline constexpr " + std::string(type) + " " + of_type.name + "[] = {" + of_type.rows + "};\n";
    if (row_count_ > 0) out_ += "inline constexpr Row kRows[] = {\n" + rows_ + "};\n";
    out_ += "\n// ---- the nodes, in the order in which they run\n\n" + chunks_;
    write_table();
  }

 private:
  // ---- chunks

  void write_chunk(std::uint32_t number) {
    const ChunkPlan& chunk = plan_.chunks[number];
    std::string body;
    for (std::uint32_t place = chunk.first; place < chunk.end;) {
      if (plan_.code_of[place] == Plan::kSource) {
        ++place;
        continue;
      }
      const Piece piece = piece_at(place, chunk.end);
      write_piece(piece, body);
      place += piece.count;
    }
    end_rows(body);
    const std::string name = "chunk" + std::to_string(number);
    if (body.empty())
      chunks_ += "inline bool " + name + "(Columns&) { return false; }\n\n";
    else
      chunks_ +=
          "inline bool " + name + "(Columns& c) {\n  bool changed = false;\n" + body + "  return changed;\n}\n\n";
  }

  // The longest stretch from `place` on of one kernel, with the same number of inputs, and evenly spaced state.
  [[nodiscard]] Piece piece_at(std::uint32_t place, std::uint32_t end) const {
    std::uint32_t last = place + 1;
    while (last < end && is_alike(place, last)) ++last;
    return {place, last - place};
  }
  [[nodiscard]] bool is_alike(std::uint32_t first, std::uint32_t place) const {
    return plan_.code_of[place] == plan_.code_of[first] && inputs_of(place) == inputs_of(first) &&
           hints_of(place) == hints_of(first) && state_words_of(place) == state_words_of(first);
  }

  void write_piece(const Piece& piece, std::string& body) {
    const Code& code = plan_.code(piece.first);
    add_settings(piece);
    const bool is_plain = code.is_pure && hints_of(piece.first) == 0;
    for (std::uint32_t done = 0; done < piece.count;) {
      const Piece left{piece.first + done, piece.count - done};
      std::uint32_t count = is_plain ? even_stretch(left) : 0;
      if (count >= kSpanMin) {
        end_rows(body);
        body += statement("span<" + code.type + strides(left.first) + ">(c, {" + cells(left.first) + "}, " +
                              std::to_string(wiring_.out_cell[left.first]) + ", " + std::to_string(count) + ")",
                          {left.first, count});
      } else {
        count = is_plain ? until_even(left) : left.count;
        write_rows({left.first, count}, body);
      }
      done += count;
    }
  }

  void write_rows(const Piece& piece, std::string& body) {
    if (piece.count < kManyMin && image_.node_count() <= kStatementsMax) {
      for (std::uint32_t place = piece.first; place < piece.first + piece.count; ++place)
        body += statement(call_of(place), {place, 1});
      return;
    }
    const std::string function = "many<" + plan_.code(piece.first).type + ", " + hints_text(piece.first) + ", " +
                                 std::to_string(inputs_of(piece.first)) + ">";
    const std::string arguments = "kDrivers + " + std::to_string(wiring_.in_first[piece.first]) + ", " +
                                  std::to_string(wiring_.out_cell[piece.first]) + ", " + std::to_string(piece.count) +
                                  own(piece.first, false);
    if (image_.node_count() <= kStatementsMax) {
      body += statement(function + "(c, " + arguments + ")", piece);
      return;
    }
    rows_ += "    {" + function + ", " + arguments + "},\n";
    ++row_count_;
  }
  // What of a large graph is no loop of its own is a row of a table: a statement each takes compilers too long.
  void end_rows(std::string& body) {
    if (row_count_ == rows_told_) return;
    body += "  changed |= rows(c, kRows + " + std::to_string(rows_told_) + ", " +
            std::to_string(row_count_ - rows_told_) + ");\n";
    rows_told_ = row_count_;
  }

  [[nodiscard]] std::string call_of(std::uint32_t place) const {
    const std::string inputs = inputs_of(place) == 0 ? "" : "{" + cells(place) + "}, ";
    return "one<" + plan_.code(place).type + ", " + hints_text(place) + ">(c, " + inputs +
           std::to_string(wiring_.out_cell[place]) + own(place, true) + ")";
  }

  // ---- cycles

  void write_cycle(std::uint32_t number) {
    const ChunkPlan& chunk = plan_.chunks[number];
    std::string cases;
    for (std::uint32_t place = chunk.first; place < chunk.end; ++place) {
      add_settings({place, 1});
      cases += "      case " + std::to_string(place - chunk.first) + ": return " + call_of(place) + ";  // " +
               id_of(place) + "\n";
    }
    const std::string name = "Cycle" + std::to_string(*chunk.cycle);
    chunks_ += "struct " + name +
               " {\n  static constexpr std::uint32_t kNodes = " + std::to_string(chunk.end - chunk.first) + ";\n";
    write_cycle_tables(chunk);
    chunks_ += "  static bool run(Columns& c, std::uint32_t node) {\n    switch (node) {\n" + cases +
               "      default: return false;\n    }\n  }\n};\ninline bool chunk" + std::to_string(number) +
               "(Columns& c) { return cycle<" + name + ">(c, " + std::to_string(*chunk.cycle) + "); }\n\n";
  }
  void write_cycle_tables(const ChunkPlan& chunk) {
    std::vector<std::uint32_t> out;
    std::vector<std::uint32_t> first_in;
    std::vector<std::uint32_t> first_reader = {0};
    std::vector<std::uint32_t> readers;
    for (std::uint32_t place = chunk.first; place <= chunk.end; ++place) {
      out.push_back(wiring_.out_cell[place]);
      first_in.push_back(wiring_.in_first[place] - wiring_.in_first[chunk.first]);
    }
    for (std::uint32_t cell = out.front(); cell < out.back(); ++cell) {
      for (const std::uint32_t reader : image_.readers(cell))
        if (reader >= chunk.first && reader < chunk.end) readers.push_back(reader - chunk.first);
      first_reader.push_back(static_cast<std::uint32_t>(readers.size()));
    }
    const std::vector<std::uint32_t> in(wiring_.drivers + wiring_.in_first[chunk.first],
                                        wiring_.drivers + wiring_.in_first[chunk.end]);
    const auto table = [&](const char* name, const std::vector<std::uint32_t>& row) {
      chunks_ += "  static constexpr std::array<std::uint32_t, " + std::to_string(row.size()) + "> " + name + " = {";
      for (std::size_t i = 0; i < row.size(); ++i) chunks_ += (i == 0 ? "" : ", ") + std::to_string(row[i]);
      chunks_ += "};\n";
    };
    table("kOut", out);
    table("kFirstIn", first_in);
    table("kIn", in);
    table("kFirstReader", first_reader);
    table("kReaders", readers);
  }

  void write_table() {
    out_ += "inline constexpr std::array<Chunk, " + std::to_string(plan_.chunks.size()) + "> kChunkTable = {{\n";
    for (std::uint32_t i = 0; i < plan_.chunks.size(); ++i) {
      const ChunkPlan& chunk = plan_.chunks[i];
      out_ += "    {" + std::to_string(chunk.first) + ", " + std::to_string(chunk.end) + ", " +
              std::to_string(wiring_.out_cell[chunk.first]) + ", " + std::to_string(wiring_.out_cell[chunk.end]) +
              ", chunk" + std::to_string(i) + "},\n";
    }
    out_ += "}};\n\n";
  }

  // ---- what a statement says

  std::string statement(const std::string& call, const Piece& piece) const {
    std::string ids = id_of(piece.first);
    if (piece.count > 1) ids += " … " + id_of(piece.first + piece.count - 1);
    return "  changed |= " + call + ";  // " + ids + "\n";
  }
  // A comment must not end in a backslash, nor may an id begin a trigraph.
  [[nodiscard]] std::string id_of(std::uint32_t place) const {
    const auto handle = image_.handle_of(place);
    if (!handle) return "(conversion)";
    std::string id(image_.id_of(image_.get_nodes()[handle->value()]));
    for (char& c : id)
      if (c == '\\' || c == '?' || static_cast<unsigned char>(c) < ' ') c = '_';
    return id;
  }

  // All settings of a type stand in one array, those of a piece behind each other.
  void add_settings(const Piece& piece) {
    const Emission& emission = *plan_.code(piece.first).emission;
    if (emission.settings_type.empty()) return;
    Settings& all = settings_[emission.settings_type];
    if (all.name.empty()) all.name = "kSettings" + std::to_string(settings_.size());
    for (std::uint32_t place = piece.first; place < piece.first + piece.count; ++place) {
      all.rows += (all.count == 0 ? "{" : ", {") + emission.settings(settings_of(place)) + "}";
      settings_at_[place] = all.count++;
    }
  }
  [[nodiscard]] const void* settings_of(std::uint32_t place) const {
    return wiring_.settings[wiring_.extras[wiring_.extra[place]].settings];
  }

  // ", {place, state, settings, how far it is to the next node's}", where the kernel looks at any of it.
  [[nodiscard]] std::string own(std::uint32_t place, bool is_one) const {
    const Kernel& kernel = image_.kernel(place);
    const Emission& emission = *plan_.code(place).emission;
    const bool has_settings = !emission.settings_type.empty();
    const bool has_state = kernel.state_words > 0 || kernel.text_state;
    if (!has_settings && !has_state && !kernel.outside) return is_one ? "" : ", {}";
    std::string text = ", {" + std::to_string(place) + ", " +
                       std::to_string(has_state ? wiring_.extras[wiring_.extra[place]].state : 0) + ", ";
    text += has_settings ? settings_.at(emission.settings_type).name + " + " + std::to_string(settings_at_.at(place))
                         : "nullptr";
    if (is_one) return text + "}";
    return text + ", " + std::to_string(kernel.text_state ? 1 : state_words_of(place)) + ", " +
           (has_settings ? "sizeof(" + std::string(emission.settings_type) + ")" : "0") + "}";
  }

  [[nodiscard]] std::uint32_t inputs_of(std::uint32_t place) const {
    return wiring_.in_first[place + 1] - wiring_.in_first[place];
  }
  [[nodiscard]] std::uint32_t state_words_of(std::uint32_t place) const { return image_.state_words(place); }
  [[nodiscard]] unsigned hints_of(std::uint32_t place) const {
    unsigned hints = plan_.code(place).is_pure && plan_.code(place).is_costly ? 2 : 0;
    for (std::uint32_t i = wiring_.in_first[place]; i < wiring_.in_first[place + 1]; ++i)
      if (wiring_.drivers[i] < image_.output_count() && plan_.may_fail[wiring_.drivers[i]]) hints |= 1;
    return hints;
  }
  [[nodiscard]] std::string hints_text(std::uint32_t place) const {
    constexpr const char* kTexts[] = {"kPlain", "kMayFail", "kCostly", "kMayFail | kCostly"};
    return kTexts[hints_of(place)];
  }
  [[nodiscard]] std::string cells(std::uint32_t place) const {
    std::string text;
    for (std::uint32_t i = wiring_.in_first[place]; i < wiring_.in_first[place + 1]; ++i)
      text += (text.empty() ? "" : ", ") + std::to_string(wiring_.drivers[i]);
    return text;
  }

  // ---- side by side

  [[nodiscard]] std::uint32_t driver(std::uint32_t place, std::uint32_t input) const {
    return wiring_.drivers[wiring_.in_first[place] + input];
  }
  [[nodiscard]] std::string strides(std::uint32_t place) const {
    std::string text;
    for (std::uint32_t i = 0; i < inputs_of(place); ++i)
      text += ", " + std::to_string(driver(place + 1, i) - driver(place, i));
    return text;
  }
  // How many nodes from the first on have inputs that each stay or go on by one, and read nothing of each other.
  [[nodiscard]] std::uint32_t even_stretch(const Piece& piece) const {
    const std::uint32_t first = piece.first;
    const std::uint32_t inputs = inputs_of(first);
    if (piece.count < kSpanMin || wiring_.out_cell[first + 1] - wiring_.out_cell[first] != 1) return 0;
    std::uint32_t count = 1;
    const std::uint32_t out = wiring_.out_cell[first];
    for (std::uint32_t place = first + 1; place < first + piece.count; ++place, ++count) {
      for (std::uint32_t i = 0; i < inputs; ++i) {
        const std::uint32_t stride = driver(first + 1, i) - driver(first, i);
        const std::uint32_t cell = driver(place, i);
        const bool is_own = cell >= out && cell < out + piece.count;
        if (stride > 1 || cell - driver(place - 1, i) != stride || is_own) return count;
      }
    }
    return count;
  }
  // How many nodes come before the next even stretch.
  [[nodiscard]] std::uint32_t until_even(const Piece& piece) const {
    std::uint32_t count = 1;
    while (count < piece.count && even_stretch({piece.first + count, piece.count - count}) < kSpanMin) ++count;
    return count;
  }

  const Image& image_;
  const Plan& plan_;
  Wiring wiring_;
  std::string& out_;
  std::string chunks_;
  std::string rows_;
  std::uint32_t row_count_ = 0;
  std::uint32_t rows_told_ = 0;                                   // of these, in the functions of chunks
  std::map<std::string_view, Settings> settings_;                 // by type
  std::unordered_map<std::uint32_t, std::uint32_t> settings_at_;  // by place
};

}  // namespace

void write_code(const Image& image, const Plan& plan, std::string& out) { Writer(image, plan, out).write(); }

}  // namespace yard::graph::aot
