// The bodies of the records that are about no job: one msgpack map each.
//
//   kPaused   {targets: [target…]}: all of them, in place of what was paused before
//   kSpent    {tenant, began_s, spent: {unit: thousandths}}: in its budget's window that began then, Unix time; in
//   place
//             of what that tenant had spent before
//   kAudited  {principal, action, target, count, reason}
//
// A target is {tool?, tenant?, queue?} or {worker}, as on the wire.
#pragma once

#include <string>
#include <vector>

#include "engine/base/pack.h"
#include "jobs/log.h"
#include "jobs/resources.h"
#include "jobs/target.h"

namespace yard::jobs {

inline constexpr std::size_t kPausesMax = 256;    // targets paused at the same time
inline constexpr std::size_t kAuditKept = 1'000;  // entries, in memory and through compactions; the oldest go

// One action of an administrator.
struct AuditEntry {
  WallTime time{};
  std::string principal;
  std::string action;  // "pause", "resume", "purge", "drain"
  Target target;
  std::uint64_t count = 0;  // of the jobs that it changed
  std::string reason;
};

struct Spent {
  std::string tenant;
  std::chrono::seconds began{};
  Amounts spent;  // thousandths
};

void write_target(PackWriter& writer, const Target& target);

// Of a checked map. Errors: kBadRequest for an unknown name or queue, and for a worker beside anything else.
[[nodiscard]] Result<Target> read_target(PackView map);

void write_paused(PackWriter& writer, const std::vector<Target>& targets);
void write_spent(PackWriter& writer, const Spent& spent);
void write_audited(PackWriter& writer, const AuditEntry& entry);

// What they say again. Errors: kBadFrame.
[[nodiscard]] Result<std::vector<Target>> read_paused(const Record& record);
[[nodiscard]] Result<Spent> read_spent(const Record& record);
[[nodiscard]] Result<AuditEntry> read_audited(const Record& record);

// Stands in a record where a job's id would: records of one kind and subject replace one another.
[[nodiscard]] JobId subject_of(std::string_view tenant);

}  // namespace yard::jobs
