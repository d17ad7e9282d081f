// Net: an interaction net as a node. It begins anew for each run, so that it is a function of its inputs.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/base/text.h"
#include "engine/kinds/families.h"
#include "engine/nets/editor.h"
#include "engine/nets/load.h"

namespace yard::graph {
namespace {

using nlohmann::json;

constexpr double kInteractionsMost = 1e9;  // some ten seconds

// What stands for an input in the net: an agent with its value, or as many successors around a zero.
struct NetInput {
  std::uint32_t input = 0;
  DataType type = DataType::kInt64;
  nets::AgentId free = 0;
  nets::SymbolId symbol = nets::kNothing;
  nets::SymbolId zero = nets::kNothing;  // none: a value
};

struct NetSettings {
  std::shared_ptr<const nets::Network> network;  // only read, and its state copied: runs share it with nobody else
  std::vector<NetInput> inputs;
  std::size_t derived = 0;
  std::uint64_t interactions_max = 0;

  static Result<NetSettings> make(const Parameters& parameters);
};

Result<NetInput> make_input(const nets::State& state, const InputName& name, std::uint32_t number,
                            const std::string& formula) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::kInvalidArguments, printable(name.name) + ": " + why, "/inputs");
  };
  const nets::Call call = nets::parse_call(formula);
  const auto free = std::ranges::find(state.free, name.name, &std::pair<std::string, nets::AgentId>::first);
  if (free == state.free.end()) return refuse("the net has no such free wire");
  NetInput input{.input = number, .type = name.type, .free = free->second};
  const bool is_number = call.name == "number" && call.arguments.size() == 2;
  if (!is_number && (call.name != "value" || call.arguments.size() != 1))
    return refuse("has to be value(Type) or number(Type, Type)");
  const auto symbol = state.book->find(call.arguments[0]);
  const auto zero = is_number ? state.book->find(call.arguments[1]) : symbol;
  if (!symbol || !zero) return refuse("there is no such type");
  input.symbol = *symbol;
  const nets::Symbol& type = state.book->symbol(*symbol);
  if (is_number) {
    input.zero = *zero;
    if (name.type != DataType::kInt64) return refuse("a number is int64");
    if (type.ports.size() != 2 || state.book->symbol(*zero).ports.size() != 1)
      return refuse("a number is of agents with two ports and one with one");
  } else if (type.ports.size() != 1 || type.value != name.type) {
    return refuse(call.arguments[0] + " has to have one port, and values of the input's type");
  }
  return input;
}

Result<NetSettings> NetSettings::make(const Parameters& parameters) {
  YARD_TRY(const json document, parse_json(parameters.text("net")));
  auto network = nets::load_net(document.is_string() ? document.get<std::string>() : document.dump());
  if (!network) {
    const nets::Problem& first = network.error().front();
    return fail(ErrorCode::kInvalidArguments, first.where + ": " + first.message, "/net");
  }
  NetSettings settings{
      .network = std::make_shared<const nets::Network>(*std::move(network)),
      .interactions_max = static_cast<std::uint64_t>(parameters.get<std::int64_t>("max_interactions"))};
  YARD_TRY(const json inputs, parse_json(parameters.text("inputs")));
  if (!inputs.is_object()) return fail(ErrorCode::kInvalidArguments, "has to be an object", "/inputs");
  for (const auto& [name, formula] : inputs.items()) {
    const auto found = std::ranges::find(parameters.inputs(), name, &InputName::name);
    if (found == parameters.inputs().end() || !formula.is_string())
      return fail(ErrorCode::kInvalidArguments, printable(name) + " is no input, or no string", "/inputs");
    const auto number = static_cast<std::uint32_t>(found - parameters.inputs().begin());
    YARD_TRY(const NetInput input, make_input(settings.network->state(), *found, number, formula.get<std::string>()));
    settings.inputs.push_back(input);
  }
  const auto derived = settings.network->derived();
  const std::string_view wanted = parameters.text("derived");
  while (settings.derived < derived.size() && !wanted.empty() && derived[settings.derived].spec().name != wanted)
    ++settings.derived;
  if (settings.derived == derived.size())
    return fail(ErrorCode::kInvalidArguments, "the net derives no such value", "/derived");
  return settings;
}

OrFault<nets::AgentId> add(nets::State& state, nets::SymbolId symbol, Cell value = {}) {
  const auto agent = nets::Editor(state).add(symbol, value);
  if (!agent) return fault(FaultCode::kTooLarge, agent.error().message);
  return *agent;
}

// Puts agents in the place of a free wire's end.
OrFault<bool> put_input(nets::State& state, const NetInput& input, Cell cell) {
  nets::Editor editor(state);
  const nets::Wire free = nets::make_wire(input.free, 0);
  nets::Wire end = state.heap.peer(free);
  editor.disconnect(free);
  const bool is_number = input.zero != nets::kNothing;
  const std::int64_t count = is_number ? cell.get<std::int64_t>() : 0;
  if (count < 0 || count > static_cast<std::int64_t>(nets::kPowerMax))
    return fault(FaultCode::kBadInput, "a number in a net is from 0 to " + std::to_string(nets::kPowerMax));
  for (std::int64_t i = 0; i < count; ++i) {
    const auto successor = add(state, input.symbol);
    if (!successor) return std::unexpected(successor.error());
    editor.connect(end, nets::make_wire(*successor, 0));
    end = nets::make_wire(*successor, 1);
  }
  const auto last = is_number ? add(state, input.zero) : add(state, input.symbol, cell);
  if (!last) return std::unexpected(last.error());
  editor.connect(end, nets::make_wire(*last, 0));
  return true;
}

struct Reduced {
  std::vector<nets::Derived> derived;
  std::int64_t interactions = 0;
};

OrFault<Reduced> reduce(const NetSettings& settings, const Many<Cell>& inputs) {
  nets::State state = settings.network->state();
  for (const NetInput& input : settings.inputs)
    if (const auto put = put_input(state, input, inputs[input.input]); !put) return std::unexpected(put.error());
  const nets::Reduction done = nets::reduce(state, settings.interactions_max);
  if (!done.is_normal)
    return fault(FaultCode::kTooLarge,
                 "the net is not normal after " + std::to_string(done.interactions) + " interactions");
  const auto derived = settings.network->derived();
  Reduced reduced{.derived = {derived.begin(), derived.end()},
                  .interactions = static_cast<std::int64_t>(done.interactions)};
  for (nets::Derived& one : reduced.derived) {
    one.forget();
    one.refresh(state, settings.network->texts());
  }
  return reduced;
}

template <typename T>
struct NetNode {
  using Settings = NetSettings;
  OrFault<std::tuple<T, std::int64_t>> operator()(const Settings& settings, Many<Cell> inputs) const {
    const OrFault<Reduced> reduced = reduce(settings, inputs);
    if (!reduced) return std::unexpected(reduced.error());
    const nets::Derived& derived = reduced->derived[settings.derived];
    if (!derived.value()) return fault(FaultCode::kNotFound, "the net has no value " + derived.spec().name);
    if (const T* value = std::get_if<T>(&*derived.value())) return std::tuple(*value, reduced->interactions);
    return fault(FaultCode::kBadInput, derived.spec().name + " is of another type");
  }
};

struct NetAsJson {
  using Settings = NetSettings;
  OrFault<std::tuple<Out<DataType::kJson>, std::int64_t>> operator()(const Settings& settings,
                                                                     Many<Cell> inputs) const {
    const OrFault<Reduced> reduced = reduce(settings, inputs);
    if (!reduced) return std::unexpected(reduced.error());
    json all = json::object();
    for (const nets::Derived& derived : reduced->derived) {
      json& value = all[derived.spec().name];
      if (!derived.value()) continue;
      std::visit(
          [&](const auto& one) {
            if constexpr (std::is_same_v<std::decay_t<decltype(one)>, Text>)
              value = one.view();
            else
              value = one;
          },
          *derived.value());
    }
    Text text(all.dump(-1, ' ', false, json::error_handler_t::replace));
    return std::tuple(Out<DataType::kJson>{std::move(text)}, reduced->interactions);
  }
};

}  // namespace

void add_net(std::vector<Kind>& kinds) {
  kinds.push_back({.name = "Net",
                   .summary = "An interaction net, reduced for each new input.",
                   .inputs = {{"x"}},
                   .outputs = {"out", "interactions"},
                   .parameters = {{.name = "net", .type = DataType::kJson},
                                  {.name = "inputs", .type = DataType::kJson, .fallback = "{}"},
                                  {.name = "derived", .type = DataType::kString, .fallback = "\"\""},
                                  {.name = "max_interactions",
                                   .type = DataType::kInt64,
                                   .fallback = "1000000",
                                   .least = 1,
                                   .most = kInteractionsMost}},
                   .overloads = {overload<NetNode<bool>>(), overload<NetNode<std::int64_t>>(),
                                 overload<NetNode<double>>(), overload<NetAsJson>()},
                   .cost_us = 1'000});
}

}  // namespace yard::graph
