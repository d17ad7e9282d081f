// World: what must hold.
#include <algorithm>
#include <utility>

#include "engine/base/pack.h"
#include "tests/sim/setting.h"
#include "tests/sim/world.h"

namespace yard::sim {

using jobs::Grade;

void World::check_acknowledged() {
  if (broken_) return;
  for (const auto& [id, known] : known_) {
    if (!known.grade) continue;
    const jobs::Job* job = core_->jobs().find(id);
    const jobs::Tombstone* tombstone = core_->jobs().find_tombstone(id, known.tenant);
    if (job == nullptr && tombstone != nullptr) {
      if (!known.end.empty() && known.end != name_of(tombstone->state))
        return broken("job " + to_hex(id.value()) + " had ended as " + known.end + " and its tombstone says otherwise");
      continue;
    }
    if (job == nullptr && may_run_again(known)) continue;
    if (job == nullptr)
      return broken("job " + to_hex(id.value()) + ", acknowledged as " + std::string(name_of(*known.grade)) +
                    ", is gone");
    if (!known.end.empty() && known.end != name_of(job->state) && !may_run_again(known))
      return broken("job " + to_hex(id.value()) + " had ended as " + known.end + " and is " +
                    std::string(name_of(job->state)));
  }
}

// What takes another one's result has it when it begins.
void World::check_bound(const jobs::Work& work) {
  const auto known = known_.find(work.id);
  if (known != known_.end() && known->second.takes_result && !PackView(work.arguments).find("got"))
    broken("job " + to_hex(work.id.value()) + " begins without the result that it takes");
}

// Whichever job answers for a call of a deterministic tool, it was asked the same.
void World::check_answer(std::uint64_t correlation, PackView record) {
  const auto asked = asked_.find(correlation);
  const auto number = record.find("result").find("n").integer();
  if (asked != asked_.end() && number && static_cast<std::uint64_t>(*number) != asked->second)
    broken("a call is answered by what another one asked");
}

// Below a cancelled job nothing goes on.
void World::check_trees() {
  for (const jobs::Job* job = core_->jobs().newest(); job != nullptr; job = core_->jobs().older(*job)) {
    if (is_terminal(job->state) || job->state == jobs::JobState::kCancelling || !job->terms().parent) continue;
    const jobs::Job* parent = core_->jobs().find(job->terms().parent);
    if (parent != nullptr &&
        (parent->state == jobs::JobState::kCancelled || parent->stop_cause == jobs::StopCause::kCancel))
      broken("job " + to_hex(job->id.value()) + " goes on, and its parent was cancelled");
  }
}

// Never more of a group or a resource than there is, of what really runs; and the queue's own count of it.
void World::check_limits() {
  std::map<std::string, std::uint64_t> running;
  std::map<std::string, std::uint64_t> keys;
  const auto count = [&](JobId id) {
    const jobs::Job* job = core_->jobs().find(id);
    if (job == nullptr) return;
    ++running[std::string(job->tool)];
    if (!job->terms().concurrency_key.empty()) ++keys[job->terms().concurrency_key];
  };
  for (const auto& [id, work] : works_) count(id);
  for (const jobs::Report& report : stopping_) count(report.id);
  if (running["again"] > kGroupMost) broken("a group of two runs " + std::to_string(running["again"]));
  if (running["heavy"] * kHeavyGpu > kGpu) broken("jobs run that need more of the GPU than there is");
  for (const auto& [key, held] : keys) {
    if (held > 1) broken("two jobs of the key " + key + " run at the same time");
  }
  const jobs::ReadyQueue& queue = core_->jobs().queue();
  if (queue.resources().used("gpu:0") < running["heavy"] * kHeavyGpu) broken("a GPU in use counts as free");
  if (jobs::amount_of(queue.budget_of("ada")->spent(), "seconds") > kBudget * 1'000)
    broken("more was spent than the budget has");
}

// What failed and could have gone well is a dead letter, and nothing else is.
void World::check_dead_letter(const jobs::Job& job) {
  const bool dead = job.state == jobs::JobState::kFailed && is_retryable(job.run->error->code);
  if (job.run->dead_letter != dead)
    broken("job " + to_hex(job.id.value()) + (dead ? " is not" : " is") + " a dead letter");
  if (job.run->deaths > 3) broken("job " + to_hex(job.id.value()) + " died too often");
}

// A large result is in the store before anybody hears of it.
void World::check_result(const jobs::Job& job) {
  if (job.run->by_reference ? !stored_.contains(job.run->result) : job.run->result.size() > kResultInlineMax)
    broken("the result of job " + to_hex(job.id.value()) + " is not where it should be");
}

void World::check_end() {
  check_acknowledged();
  if (core_->jobs().queue().resources().used("gpu:0") > 0) broken("the GPU is held by nobody");
  workers_.check(*core_);
  schedules_.check(*core_);
  for (const jobs::Job* job = core_->jobs().newest(); job != nullptr && !broken_; job = core_->jobs().older(*job)) {
    ++tally_.ended;
    check_dead_letter(*job);
    check_result(*job);
    std::uint64_t seq = 0;
    int ends = 0;
    Bytes newest_chunk;
    job->run->stream.replay(1, [&](const iopub::EventHeader& header, BytesView body) {
      if (header.kind == iopub::EventKind::kChunk && job->executor == jobs::ExecutorKind::kWorkers) {
        const BytesView chunk = PackView(body).find("data").binary().value_or("");
        if (!SimWorkers::is_in_order(newest_chunk, chunk))
          broken("a chunk of job " + to_hex(job->id.value()) + " came twice");
        newest_chunk = chunk;
      }
      if (seq != 0 && header.seq != seq + 1) broken("a hole in the stream of job " + to_hex(job->id.value()));
      if (ends > 0) broken("an event behind the end of job " + to_hex(job->id.value()));
      seq = header.seq;
      ends += header.kind == iopub::EventKind::kComplete || header.kind == iopub::EventKind::kError;
      return true;
    });
    if (ends != 1) broken("job " + to_hex(job->id.value()) + " has " + std::to_string(ends) + " last events");
  }
}

// The log itself: one submit, one end, nothing behind it. A restart reads it all.
void World::check_log() {
  core_.reset();
  auto log = SimLog::open(disk_, SimLog::Honesty::kHonest);
  if (!log) return broken("the log can't be opened in the end: " + to_string(log.error()));
  std::map<JobId, int> ends;
  const auto last = log->replay([&](const jobs::Record& record) -> Status {
    if (record.head.kind == jobs::RecordKind::kForgotten) return {};
    if (ends[record.head.job] > 0) broken("a record behind the end of job " + to_hex(record.head.job.value()));
    ends[record.head.job] += record.head.kind == jobs::RecordKind::kEnded;
    return {};
  });
  if (!last) broken("the log can't be read in the end: " + to_string(last.error()));
}

// Whatever was lost on the way or with the power, never only a part.
void World::check_batches() {
  for (const std::vector<JobId>& batch : batches_) {
    const auto there = [&](JobId id) {
      return core_->jobs().find(id) != nullptr || core_->jobs().find_tombstone(id, kTenants[0]) != nullptr;
    };
    if (there(batch.front()) != std::ranges::all_of(batch, there)) return broken("a part of a batch is there");
  }
}

// A key has one job, but for those that are being stopped; a debounced one that began may be followed by one that
// waits.
void World::check_keys() {
  std::map<std::string, JobId> holders;
  for (const jobs::Job* job = core_->jobs().newest(); job != nullptr; job = core_->jobs().older(*job)) {
    if (is_terminal(job->state) || job->state == jobs::JobState::kCancelling || job->terms().key.empty()) continue;
    const bool waits = job->state == jobs::JobState::kScheduled && job->attempt == 0;
    if (job->terms().key == "debounce" && !waits) continue;
    const auto [holder, is_first] =
        holders.emplace(std::string(job->principal) + ' ' + std::string(job->tool) + ' ' + job->terms().key, job->id);
    if (!is_first)
      broken("jobs " + to_hex(holder->second.value()) + " and " + to_hex(job->id.value()) + " have one key");
  }
}

void World::check_not_paused(const jobs::Work& work) {
  if (paused_.contains(work.tool)) broken("a job of " + work.tool + " begins, which is paused");
}

}  // namespace yard::sim
