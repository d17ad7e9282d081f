#include "engine/graph/choose_overload.h"

#include <algorithm>
#include <bit>
#include <span>

#include "engine/base/text.h"

namespace yard::graph {
namespace {

class Chooser {
 public:
  Chooser(const Document& document, const NodeRow& row, const Kind& kind, std::vector<PortProblem>& problems)
      : document_(document), row_(row), kind_(kind), problems_(problems), first_problem_(problems.size()) {
    candidates_ = kind.overloads.size() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << kind.overloads.size()) - 1;
  }

  const Overload* choose() {
    if (row_.inputs.is_there) narrow_by_inputs();
    if (row_.outputs.is_there) narrow_by_outputs();
    if (problems_.size() > first_problem_) return nullptr;
    if (std::popcount(candidates_) > 1) return ask_for_types();
    return &kind_.overloads[static_cast<std::size_t>(std::countr_zero(candidates_))];
  }

 private:
  [[nodiscard]] const Kernel& any() const { return kind_.overloads.front().kernel; }

  void narrow_by_inputs() {
    const Range& declared = row_.inputs;
    const std::size_t wanted = any().inputs.size();
    if (any().variadic ? declared.count < wanted : declared.count != wanted) return refuse_count(false);
    const std::size_t named = any().variadic ? wanted - 1 : wanted;  // the kind says what these are called
    for (std::uint32_t i = 0; i < declared.count; ++i) {
      const PortRow& port = document_.ports[declared.first + i];
      if (!kind_.free_names && i < named) expect_name(port, kind_.inputs[i].name, false, i);
      narrow(port, false, i, [&](const Kernel& kernel) { return kernel.inputs[std::min<std::size_t>(i, wanted - 1)]; });
    }
  }

  void narrow_by_outputs() {
    const Range& declared = row_.outputs;
    if (declared.count != kind_.outputs.size()) return refuse_count(true);
    for (std::uint32_t i = 0; i < declared.count; ++i) {
      const PortRow& port = document_.ports[declared.first + i];
      if (!kind_.free_names) expect_name(port, kind_.outputs[i], true, i);
      narrow(port, true, i, [&](const Kernel& kernel) { return kernel.outputs[i]; });
    }
  }

  void expect_name(const PortRow& port, const std::string& name, bool is_output, std::uint32_t index) {
    if (port.id.data() == nullptr || port.id == name) return;
    refuse(ProblemCode::kPortMismatch, is_output, index, "id",
           printable(port.id) + ": " + kind_.name + " calls it " + name);
  }

  template <typename TypeOf>
  void narrow(const PortRow& port, bool is_output, std::uint32_t index, const TypeOf& type_of) {
    if (port.type.data() == nullptr) return;
    const auto type = data_type(port.type);
    if (!type)
      return refuse(ProblemCode::kPortMismatch, is_output, index, "type", printable(port.type) + " is no type");
    std::uint64_t left = 0;
    for (std::uint64_t rest = candidates_; rest != 0; rest &= rest - 1) {
      const auto at = static_cast<std::size_t>(std::countr_zero(rest));
      const PortType wanted = type_of(kind_.overloads[at].kernel);
      if (wanted.any ? is_scalar(*type) : wanted.type == *type) left |= std::uint64_t{1} << at;
    }
    if (left == 0)
      return refuse(ProblemCode::kPortMismatch, is_output, index, "type",
                    std::string(name_of(*type)) + ": " + kind_.name + " can have " + possible(type_of) + " here");
    candidates_ = left;
  }

  template <typename TypeOf>
  std::string possible(const TypeOf& type_of) const {
    std::vector<std::string_view> types;
    for (std::uint64_t rest = candidates_; rest != 0; rest &= rest - 1) {
      const PortType type = type_of(kind_.overloads[static_cast<std::size_t>(std::countr_zero(rest))].kernel);
      const std::string_view name = type.any ? "a scalar" : name_of(type.type);
      if (std::ranges::find(types, name) == types.end()) types.push_back(name);
    }
    std::string list;
    for (const std::string_view type : types) list += (list.empty() ? "" : ", ") + std::string(type);
    return list;
  }

  void refuse_count(bool is_output) {
    const std::size_t wanted = is_output ? kind_.outputs.size() : any().inputs.size();
    const bool more = !is_output && any().variadic;
    std::string names;
    for (std::size_t i = 0; i < wanted; ++i)
      names += (i == 0 ? ": " : ", ") + (is_output ? kind_.outputs[i] : kind_.inputs[i].name);
    refuse(ProblemCode::kPortMismatch, is_output, PortProblem::kWhole, nullptr,
           kind_.name + " has " + std::to_string(wanted) + (more ? " or more" : "") +
               (is_output ? " outputs" : " inputs") + names);
  }

  // Outputs say most, so they are what is asked for where they tell the overloads apart.
  const Overload* ask_for_types() {
    const bool ask_outputs = !row_.outputs.is_there && differ_in_outputs();
    const auto type_of = [&](const Kernel& kernel) {
      return ask_outputs ? kernel.outputs.front() : kernel.inputs.empty() ? PortType{} : kernel.inputs.back();
    };
    refuse(ProblemCode::kMissing, ask_outputs, PortProblem::kWhole, nullptr,
           std::string(ask_outputs ? "outputs" : "inputs") + " have to be declared: " + kind_.name + " can have " +
               possible(type_of));
    return nullptr;
  }
  [[nodiscard]] bool differ_in_outputs() const {
    const Kernel& first = kind_.overloads[static_cast<std::size_t>(std::countr_zero(candidates_))].kernel;
    for (std::uint64_t rest = candidates_; rest != 0; rest &= rest - 1)
      if (kind_.overloads[static_cast<std::size_t>(std::countr_zero(rest))].kernel.outputs != first.outputs)
        return true;
    return false;
  }

  void refuse(ProblemCode code, bool is_output, std::uint32_t index, const char* member, std::string message) {
    problems_.push_back({code, is_output, index, member, std::move(message)});
  }

  const Document& document_;
  const NodeRow& row_;
  const Kind& kind_;
  std::vector<PortProblem>& problems_;
  std::size_t first_problem_;
  std::uint64_t candidates_ = 0;
};

}  // namespace

const Overload* choose_overload(const Document& document, const NodeRow& row, const Kind& kind,
                                std::vector<PortProblem>& problems) {
  return Chooser(document, row, kind, problems).choose();
}

}  // namespace yard::graph
