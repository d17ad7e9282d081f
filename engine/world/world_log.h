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
                                           std::shared_ptr<tickets::WorkerPool> pool = {});

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

}  // namespace yard::graph
