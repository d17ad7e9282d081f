// Replay: a journal's causes taken again, its witnesses compared with what comes of them now.
#pragma once

#include <string>

#include "engine/journal/journal.h"
#include "engine/tickets/ledger.h"

namespace yard::tickets {

// Takes a journal's entries in order into a ledger that is where the first of them begins. The ledger's level must be
// the one that was written with. Between two causes as many batches run as there were: a cause says the next id.
//
// Threads: the ledger's.
class Replay final : public RecordSink {
 public:
  // `ledger` must outlive it; its records come here until then.
  explicit Replay(Ledger& ledger) : ledger_(ledger) { ledger_.redirect(this); }
  ~Replay() override { ledger_.redirect(nullptr); }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  // Errors: kConflict, at the first difference: "record 17: seed: expected 4, found 5", with /seed as the pointer.
  //         Expected is what comes of the causes, found what stands in the journal. kBadFrame: not a record.
  [[nodiscard]] Status take(const journal::EntryView& entry);

  // What the journal does not have yet of what its causes led to: a crash came between two entries of a batch.
  [[nodiscard]] Bytes rest() const { return made_.substr(made_at_); }
  [[nodiscard]] std::uint32_t rest_count() const { return made_count_; }

  [[nodiscard]] Status append(BytesView records, std::uint32_t count) override;

 private:
  [[nodiscard]] Status take_record(std::uint64_t position, const Record& found);
  [[nodiscard]] Status run_to(std::uint64_t position, const Record& cause);
  [[nodiscard]] Status make_more(std::uint64_t position, const Record& found);
  [[nodiscard]] Status compare(std::uint64_t position, const Record& found);

  Ledger& ledger_;
  Bytes made_;  // records that were made and not found yet, from made_at_ on
  std::size_t made_at_ = 0;
  std::uint32_t made_count_ = 0;
};

// Brings `ledger` to where `journal` ends: from the newest snapshot, or the beginning, and appends from now on to
// `sink`, which is the journal's. What is left to do then is done by settle().
//
// Errors: those of Replay, of Ledger::load and of reading.
[[nodiscard]] Status recover(Ledger& ledger, journal::Journal& journal, JournalSink& sink);

// Makes a snapshot of `ledger` at the journal's end, after syncing it.
[[nodiscard]] Status write_snapshot(const Ledger& ledger, journal::Journal& journal);

}  // namespace yard::tickets
