// WorldLog: the journal of a world, on a disk.
#pragma once

#include <memory>

#include "engine/journal/journal.h"
#include "engine/world/replay.h"

namespace yard::graph {

// A host appends what a world has written before it lets the effects out.
//
//   settle() ─► append() ─► sync()? ─► effects go out, clear_outbox()
//
// Threads: one.
class WorldLog {
 public:
  [[nodiscard]] static Result<bool> is_there(journal::Disk& disk);

  // Makes the journal of `world`, in an empty folder. Errors: kConflict (there is a journal), and Journal::open's.
  [[nodiscard]] static Result<WorldLog> create(journal::Disk& disk, const World& world);

  struct Opened;
  // Goes on with the journal that is there: `replay` brings its world to the end.
  //
  // Errors: kNotFound (there is none), Journal::open's, Replay's.
  [[nodiscard]] static Result<Opened> open(journal::Disk& disk, std::shared_ptr<const Kinds> kinds,
                                           std::shared_ptr<tickets::WorkerPool> pool = {}, std::stop_token stop = {});

  // Everything that `world` has written since it was cleared, in one write, or several if it is much.
  //
  // Errors: kIo (a full disk: nothing of it is written, and the same may be tried again).
  [[nodiscard]] Status append(const World& world) { return append(world.journal_part().bytes); }
  // Makes it survive the power.
  [[nodiscard]] Status sync();
  // Ends it in order: later damage to any of it is noticed. Nothing can be appended any more.
  [[nodiscard]] Status close();
  // Keeps the state, so that opening needs not what was before it, which goes. The world is at rest and appended.
  [[nodiscard]] Status snapshot(const World& world);

  [[nodiscard]] std::uint64_t position() const { return journal_.position(); }
  [[nodiscard]] std::uint64_t snapshot_position() const { return journal_.snapshot_position(); }

 private:
  [[nodiscard]] Status append(BytesView records);
  explicit WorldLog(journal::Journal journal) : journal_(std::move(journal)) {}

  journal::Journal journal_;
};

struct WorldLog::Opened {
  WorldLog log;
  std::unique_ptr<World> world;
};

// Has `replay` take a whole journal, from its newest snapshot on if `from_snapshot`, else from its first record, which
// must still be there.
//
// Errors: Journal::open's, Replay's.
[[nodiscard]] Status replay_journal(journal::Disk& disk, bool from_snapshot, std::shared_ptr<const Kinds> kinds,
                                    Replay& replay);
// The same from the first record on, or where that is gone from the newest snapshot.
[[nodiscard]] Status replay_journal(journal::Disk& disk, const std::shared_ptr<const Kinds>& kinds, Replay& replay);

// Calls visit for all records of the journal that are there; `image`, of the graph they are of, is missing until one
// came by. Errors: Journal::open's, and what visit returns.
using VisitRecord = std::function<Status(std::uint64_t seq, const tickets::Record& record, const Image* image)>;
[[nodiscard]] Status each_record(journal::Disk& disk, const std::shared_ptr<const Kinds>& kinds,
                                 const VisitRecord& visit);

}  // namespace yard::graph
