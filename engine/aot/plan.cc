#include "engine/aot/plan.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "engine/aot/formula_text.h"
#include "engine/kinds/formula_kernels.h"

namespace yard::graph::aot {
namespace {

constexpr std::array<std::string_view, 4> kJsonKinds = {"JsonAt", "JsonPut", "ParseJson", "ToJson"};

std::string reason(const Kind& kind) {
  if (std::ranges::find(kJsonKinds, kind.name) != kJsonKinds.end())
    return kind.name + " reads or writes JSON, for which the C++ standard library has nothing";
  if (kind.name == "Call") return "Call waits for a receipt, which a program without a world has nobody to ask for";
  if (kind.name == "Script") return "Script is run by Lua, which the C++ standard library has not";
  if (kind.name == "Net") return "Net reduces a net, for which the C++ standard library has nothing";
  return kind.name + " is a kind of its host, whose kernel is not known as text";
}

class Planner {
 public:
  explicit Planner(const Image& image) : image_(image), wiring_(image.wiring()) {}

  std::expected<Plan, Problems> make() {
    for (std::uint32_t place = 0; place < image_.node_count(); ++place) plan_.code_of.push_back(find_code(place));
    if (!problems_.empty()) {
      std::ranges::sort(problems_, {}, &Problem::place);
      return std::unexpected(std::move(problems_));
    }
    find_faults();
    find_chunks();
    return std::move(plan_);
  }

 private:
  std::uint32_t find_code(std::uint32_t place) {
    const Kernel& kernel = image_.kernel(place);
    if (kernel.run_one == nullptr) return Plan::kSource;
    const Emission* emission = find_emission(kernel);
    if (emission == nullptr) return refuse(place), Plan::kSource;
    Code code{.emission = emission,
              .type = std::string(emission->type),
              .definition = {},
              .can_fail = emission->can_fail,
              .is_pure = emission->is_pure,
              .is_costly = emission->is_costly};
    if (emission->is_formula) write(place, code);
    const std::string& key = emission->is_formula ? code.definition : code.type;
    const auto [found, is_new] = known_.try_emplace(key, static_cast<std::uint32_t>(plan_.codes.size()));
    if (is_new) {
      if (emission->is_formula) code.type = "Formula" + std::to_string(formulas_++);
      plan_.codes.push_back(std::move(code));
    }
    return found->second;
  }

  void write(std::uint32_t place, Code& code) const {
    const NodeDesc& node = image_.get_nodes()[image_.handle_of(place)->value()];
    std::vector<DataType> inputs;
    for (const PortDesc& port : image_.inputs_of(node)) inputs.push_back(port.type);
    const DataType type = image_.outputs_of(node).front().type;
    const std::string_view result = type == DataType::kBool    ? "bool"
                                    : type == DataType::kInt64 ? "std::int64_t"
                                                               : "double";
    // All three have the same first member, which is all that is looked at.
    const auto& settings = *static_cast<const kernels::FormulaNode<double>::Settings*>(settings_of(place));
    const FormulaText text = write_formula(settings.formula, inputs);
    code.can_fail = text.can_fail;
    code.is_pure = !text.can_fail;
    code.is_costly = text.can_fail || text.body.find_first_of("/?{") != std::string::npos ||
                     text.body.find("std::") != std::string::npos;
    code.definition = "  " + (text.can_fail ? "OrFault<" + std::string(result) + ">" : std::string(result)) +
                      " operator()(Many<Cell> in) const {\n" + text.body + "  }\n";
  }
  const void* settings_of(std::uint32_t place) const {
    return wiring_.settings[wiring_.extras[wiring_.extra[place]].settings];
  }

  void refuse(std::uint32_t place) {
    const NodeDesc& node = image_.get_nodes()[image_.handle_of(place)->value()];
    const std::string id(image_.id_of(node));
    // A module's nodes are written as their instances' and have a slash in their id.
    const bool is_top = id.find('/') == std::string::npos;
    const std::string handle = std::to_string(node.handle.value());
    problems_.push_back({ProblemCode::kUnknownKind, is_top ? "/nodes/" + handle + "/type" : "/instances",
                         id + ": " + reason(image_.kind_of(node)), node.handle.value()});
  }

  // A cell may hold a fault if its kernel makes some, or if one of its inputs may hold one. Cycles need more passes.
  void find_faults() {
    plan_.may_fail.resize(image_.output_count());
    for (bool again = true; again && !image_.cycles().empty();) again = find_faults_once();
    (void)find_faults_once();
  }
  bool find_faults_once() {
    bool has_changed = false;
    for (std::uint32_t place = 0; place < image_.node_count(); ++place) {
      if (plan_.code_of[place] == Plan::kSource) continue;
      bool may_fail = plan_.code(place).can_fail;
      for (std::uint32_t i = wiring_.in_first[place]; i < wiring_.in_first[place + 1]; ++i)
        may_fail = may_fail || (wiring_.drivers[i] < image_.output_count() && plan_.may_fail[wiring_.drivers[i]]);
      for (std::uint32_t cell = wiring_.out_cell[place]; may_fail && cell < wiring_.out_cell[place + 1]; ++cell) {
        has_changed = has_changed || !plan_.may_fail[cell];
        plan_.may_fail[cell] = true;
      }
    }
    return has_changed;
  }

  void find_chunks() {
    std::uint32_t first = 0;
    const auto add_plain = [&](std::uint32_t end) {
      for (; first < end; first = plan_.chunks.back().end)
        plan_.chunks.push_back({first, std::min(first + kChunkNodes, end)});
    };
    for (std::uint32_t number = 0; number < image_.cycles().size(); ++number) {
      const CycleRange& cycle = image_.cycles()[number];
      add_plain(cycle.first);
      first = cycle.first + cycle.count;
      plan_.chunks.push_back({cycle.first, first, number});
    }
    add_plain(image_.node_count());
    for (std::uint32_t chunk = 0; chunk < plan_.chunks.size(); ++chunk)
      plan_.chunk_of.resize(plan_.chunks[chunk].end, chunk);
  }

  const Image& image_;
  Wiring wiring_;
  Plan plan_;
  Problems problems_;
  std::unordered_map<std::string, std::uint32_t> known_;
  std::uint32_t formulas_ = 0;
};

}  // namespace

std::expected<Plan, Problems> make_plan(const Image& image) { return Planner(image).make(); }

std::vector<std::uint32_t> readers_of(const Image& image, const Plan& plan, std::uint32_t chunk) {
  std::vector<std::uint32_t> readers;
  const std::uint32_t* out_cell = image.wiring().out_cell;
  for (std::uint32_t cell = out_cell[plan.chunks[chunk].first]; cell < out_cell[plan.chunks[chunk].end]; ++cell)
    for (const std::uint32_t node : image.readers(cell))
      if (plan.chunk_of[node] != chunk) readers.push_back(plan.chunk_of[node]);
  std::ranges::sort(readers);
  readers.erase(std::ranges::unique(readers).begin(), readers.end());
  return readers;
}

}  // namespace yard::graph::aot
