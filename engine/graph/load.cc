#include "engine/graph/load.h"

#include <map>
#include <utility>

#include "engine/base/check.h"
#include "engine/graph/document.h"
#include "engine/graph/expand.h"
#include "engine/graph/image_builder.h"
#include "engine/graph/limits.h"
#include "engine/graph/options.h"
#include "engine/graph/pointer.h"
#include "engine/graph/scope.h"

namespace yard::graph {
namespace {

std::vector<Scope> check_scopes(const Document& document, const Kinds& kinds, Problems& problems) {
  NameTable modules(document.scopes.size());
  for (std::size_t i = 1; i < document.scopes.size(); ++i) {
    const ScopeRows& rows = document.scopes[i];
    if (rows.id.data() == nullptr) {
      modules.skip();
    } else if (modules.add(rows.id) != i - 1) {
      problems.push_back({ProblemCode::kDuplicateId, make_pointer(scope_pointer(i), "id"), "is taken", rows.place});
      modules.skip();
    }
  }
  std::vector<Scope> scopes;
  scopes.reserve(document.scopes.size());
  for (std::size_t i = 0; i < document.scopes.size(); ++i)
    scopes.push_back(check_scope(document, i, modules, kinds, problems));
  return scopes;
}

}  // namespace

std::expected<std::shared_ptr<const Image>, Problems> load_graph(std::string json, std::shared_ptr<const Kinds> kinds) {
  YARD_CHECK(kinds != nullptr);
  Problems problems;
  const Document document = Document::parse(std::move(json), problems);
  const bool is_json = problems.empty() || problems.back().code != ProblemCode::kSyntax;
  if (is_json && !document.scopes.empty()) {
    const Options options = read_options(document, problems);
    const std::vector<Scope> scopes = check_scopes(document, *kinds, problems);
    FlatGraph graph = expand(document, scopes, options, problems);
    ImageBuilder builder(graph, std::move(kinds));
    builder.order(problems);
    if (problems.empty()) return std::make_shared<const Image>(builder.build());
  }
  // Those of one node, connection or instance stay in the order in which they were found.
  std::multimap<std::uint32_t, Problem> by_place;
  for (Problem& problem : problems) by_place.emplace(problem.place, std::move(problem));
  problems.clear();
  for (auto& [place, problem] : by_place)
    if (problems.size() < kProblemsMax) problems.push_back(std::move(problem));
  return std::unexpected(std::move(problems));
}

}  // namespace yard::graph
