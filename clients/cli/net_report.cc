#include "clients/cli/net_report.h"

#include <nlohmann/json.hpp>

#include "clients/cli/output.h"
#include "engine/nets/net_json.h"
#include "engine/nets/print.h"

namespace yard::cli {

using nlohmann::json;

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

}  // namespace yard::cli
