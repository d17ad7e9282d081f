#include "clients/cli/graph_journal.h"

#include <nlohmann/json.hpp>

#include "engine/kinds/standard.h"
#include "engine/world/world_log.h"

namespace yard::cli {

Result<GraphJournal> GraphJournal::open(const std::string& folder) {
  YARD_TRY(auto disk, journal::PosixDisk::open(folder, journal::PosixDisk::Access::kRead));
  return GraphJournal(std::move(disk));
}

Status GraphJournal::replay(graph::Replay& replay) const {
  return graph::replay_journal(*disk_, graph::standard_kinds(), replay);
}

Status GraphJournal::each(const Visit& visit) const {
  return graph::each_record(*disk_, graph::standard_kinds(),
                            [&](std::uint64_t seq, const tickets::Record& record, const graph::Image* image) -> Status {
                              visit(seq, record, image);
                              return {};
                            });
}

std::string text_of(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace yard::cli
