#include "clients/cli/net_report.h"

#include <nlohmann/json.hpp>

#include "clients/cli/output.h"
#include "engine/nets/print.h"

namespace yard::cli {
namespace {

using nlohmann::json;

json value_json(const nets::Derived& derived) {
  if (!derived.value()) return nullptr;
  return std::visit(
      [](const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, graph::Text>)
          return json(value.view());
        else
          return json(value);
      },
      *derived.value());
}

std::string pair_text(const nets::Network& network, const nets::Stuck& pair) {
  return print_pair(network.state(), network.texts(), pair.left, pair.right) + ": " + pair.why;
}

std::string rule_text(const nets::RuleBook& book, const nets::Rule& rule) {
  return book.symbol(rule.left).name + " ~ " + book.symbol(rule.right).name;
}

}  // namespace

std::unexpected<Failure> report_net_problems(const std::string& file, const nets::Problems& problems, bool as_json) {
  if (as_json) {
    json all = json::array();
    for (const nets::Problem& problem : problems)
      all.push_back({{"where", problem.where}, {"message", problem.message}});
    print_line(compact({{"ok", false}, {"problems", std::move(all)}}));
  } else {
    for (const nets::Problem& problem : problems)
      print_line(one_line(file + ":" + problem.where + ": " + problem.message));
  }
  return std::unexpected(Failure({.code = ErrorCode::kBadRequest,
                                  .message = file + " has " + std::to_string(problems.size()) +
                                             (problems.size() == 1 ? " problem" : " problems")}));
}

std::string net_text(const nets::Network& network, const nets::Reduction& done) {
  const nets::State& state = network.state();
  const nets::PrintedNet printed = print_net(state, network.texts());
  std::string text;
  for (const std::string& line : printed.equations) text += one_line(line) + "\n";
  for (const std::string& line : printed.rest) text += "rest: " + one_line(line) + "\n";
  if (printed.is_cut) text += "… the rest is too long to be shown\n";
  for (const nets::Stuck& pair : state.stuck) text += "stuck: " + one_line(pair_text(network, pair)) + "\n";
  for (const nets::Derived& derived : network.derived())
    text += derived.spec().name + " = " + one_line(value_json(derived).dump()) + "\n";
  text += std::to_string(state.interactions) + " interactions, " +
          std::to_string(state.heap.live_count() - state.free.size()) + " agents";
  if (!done.is_normal) text += "; not normal yet, " + std::to_string(state.queue.size()) + " pairs are left";
  return text + "\n";
}

json net_json(const nets::Network& network, const nets::Reduction& done) {
  const nets::State& state = network.state();
  const nets::PrintedNet printed = print_net(state, network.texts());
  json stuck = json::array();
  for (const nets::Stuck& pair : state.stuck) stuck.push_back(pair_text(network, pair));
  json derived = json::object();
  for (const nets::Derived& one : network.derived()) derived[one.spec().name] = value_json(one);
  json rules = json::array();
  for (const nets::Rule& rule : state.book->rules()) {
    std::uint64_t count = 0;
    for (const nets::Case& one : rule.cases) count += state.by_case[one.id];
    rules.push_back({{"rule", rule_text(*state.book, rule)}, {"interactions", count}});
  }
  return {{"normal", done.is_normal},
          {"interactions", state.interactions},
          {"agents", state.heap.live_count() - state.free.size()},
          {"pairs_left", state.queue.size()},
          {"net", printed.equations},
          {"rest", printed.rest},
          {"cut", printed.is_cut},
          {"stuck", std::move(stuck)},
          {"derived", std::move(derived)},
          {"rules", std::move(rules)},
          {"hash", to_hex(network.hash())}};
}

}  // namespace yard::cli
