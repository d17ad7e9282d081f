#include "engine/journal/verify.h"

#include <algorithm>
#include <ranges>

#include "engine/journal/recovery.h"

namespace yard::journal {

VerifyReport verify(Disk& disk) {
  Recovered found;
  const Checked<void> recovered = recover(disk, 0, found);
  VerifyReport report{.segments = found.segments.size(),
                      .entries = found.entries,
                      .records = found.records,
                      .bytes = found.bytes,
                      .last_position = found.position,
                      .torn_tail_bytes = found.torn_bytes,
                      .sealed = recovered && found.sealed};
  for (const std::uint64_t position : std::views::reverse(found.folder.snapshots)) {
    const auto header = check_snapshot(disk, position);
    if (header) report.snapshots.push_back(position);
    if (!header && !report.damage) report.damage = header.error();
  }
  std::ranges::reverse(report.snapshots);
  if (!recovered && !report.damage) report.damage = recovered.error();
  return report;
}

}  // namespace yard::journal
