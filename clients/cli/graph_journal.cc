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
  const Status whole = graph::replay_journal(*disk_, false, graph::standard_kinds(), replay);
  if (whole || whole.error().code != ErrorCode::kTruncated) return whole;
  return graph::replay_journal(*disk_, true, graph::standard_kinds(), replay);
}

Status GraphJournal::each(const Visit& visit) const {
  YARD_TRY(const auto opened, journal::Journal::open(*disk_, {.read_only = true}));
  const auto segments = opened.extent().segments;
  const std::uint64_t first = segments.empty() ? 1 : segments.front();
  std::shared_ptr<const graph::Image> image;
  return opened.replay(first, [&](const journal::EntryView& entry) -> Status {
    BytesView left = entry.body;
    for (std::uint64_t seq = entry.first; !left.empty(); ++seq) {
      YARD_TRY(const auto record, tickets::take_record(left));
      if (!record) break;
      if (record->head.kind == tickets::RecordKind::kReload)
        if (auto loaded = graph::load_graph(std::string(record->body), graph::standard_kinds())) image = *loaded;
      visit(seq, *record, image.get());
    }
    return {};
  });
}

std::string text_of(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace yard::cli
