#include "engine/nets/load.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "engine/nets/parse_json.h"
#include "engine/nets/parse_text.h"
#include "engine/nets/snapshot.h"

namespace yard::nets {
namespace {

// Of "line:column".
std::pair<std::size_t, std::size_t> place_of(const Problem& problem) {
  std::size_t line = 0;
  std::size_t column = 0;
  const char* end = problem.where.data() + problem.where.size();
  const char* colon = std::from_chars(problem.where.data(), end, line).ptr;
  if (colon != end) std::from_chars(colon + 1, end, column);
  return {line, column};
}

// By their places; those of one place stay in their order.
void sort(Problems& problems) {
  std::multimap<std::pair<std::size_t, std::size_t>, Problem> sorted;
  for (Problem& problem : problems) {
    const auto place = place_of(problem);
    sorted.emplace(place, std::move(problem));
  }
  problems.clear();
  for (auto& [place, problem] : sorted) problems.push_back(std::move(problem));
}

}  // namespace

std::expected<Network, Problems> load_net(std::string_view bytes, unsigned workers) {
  if (bytes.size() > kFileBytesMax) return std::unexpected(Problems{{"", "the document is too large"}});
  if (bytes.starts_with(kSnapshotMagic)) {
    auto network = Network::restore(bytes, workers);
    if (!network) return std::unexpected(Problems{{"", network.error().message}});
    return *std::move(network);
  }
  const bool is_json = bytes.substr(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size())).starts_with('{');
  Problems problems;
  const NetSpec spec = is_json ? parse_net_json(bytes, problems) : parse_text(bytes, problems);
  auto network = Network::make(spec, workers);
  if (!network) problems.insert(problems.end(), network.error().begin(), network.error().end());
  if (problems.empty()) return network;
  if (!is_json) sort(problems);
  return std::unexpected(std::move(problems));
}

}  // namespace yard::nets
