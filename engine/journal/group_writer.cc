#include "engine/journal/group_writer.h"

#include <algorithm>
#include <utility>

namespace yard::journal {
namespace {

// One write: large enough to share a sync among thousands, small enough to be over soon.
constexpr std::size_t kGroupBytesMax = std::size_t{4} << 20;

}  // namespace

GroupWriter::GroupWriter(Journal journal, GroupWriterOptions options, std::function<void()> wake)
    : options_(options),
      wake_(std::move(wake)),
      journal_(std::move(journal)),
      written_(journal_.written_position()),
      synced_(journal_.durable_position()),
      thread_([this] { loop(); }) {}

bool GroupWriter::submit(Bytes body, std::uint32_t count, std::uint64_t last, Durability durability) {
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    if (stopping_) return false;
    const std::size_t bytes = entry_bytes(body.size());
    if (!queue_.empty() && queued_bytes_ + bytes > options_.queue_bytes_max) return false;
    if (refusing_) {
      add_refused(last - count + 1, last);
      wake = take_waiter();
    } else {
      queued_bytes_ += bytes;
      queue_.push_back({.body = std::move(body), .count = count, .last = last, .durability = durability});
    }
  }
  if (wake) wake_();
  work_.notify_one();
  return true;
}

bool GroupWriter::run(std::function<void(Journal&)> task) {
  {
    const MutexLock lock(mutex_);
    if (stopping_) return false;
    tasks_.push_back(std::move(task));
  }
  work_.notify_one();
  return true;
}

void GroupWriter::drain(std::vector<Completion>& out) {
  out.clear();
  const MutexLock lock(mutex_);
  waited_for_ = false;
  std::swap(out, completions_);
  if (refusing_ && refusing_->outcome == Outcome::kFull) refusing_.reset();
}

bool GroupWriter::prepare_to_wait() {
  const MutexLock lock(mutex_);
  waited_for_ = completions_.empty();
  return waited_for_;
}

void GroupWriter::stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void GroupWriter::loop() {
  for (;;) {
    Work work = take();
    for (const auto& task : work.tasks) task(journal_);
    if (!work.group.empty()) write(work.group);
    if (work.stop) break;
  }
  close();
}

GroupWriter::Work GroupWriter::take() {
  Work work;
  const MutexLock lock(mutex_);
  while (queue_.empty() && tasks_.empty() && !stopping_) work_.wait(mutex_);
  std::swap(work.tasks, tasks_);
  for (std::size_t bytes = 0; !queue_.empty() && bytes < kGroupBytesMax;) {
    work.group.push_back(std::move(queue_.front()));
    queue_.pop_front();
    bytes += work.group.back().bytes();
    queued_bytes_ -= work.group.back().bytes();
  }
  work.stop = stopping_ && queue_.empty();
  return work;
}

void GroupWriter::write(std::vector<Entry>& group) {
  DiskStatus status;
  for (const Entry& entry : group) {
    if (status) status = journal_.append(entry.body, entry.count);
  }
  if (status) status = journal_.write();
  if (!status) return refuse(status.error(), group.front().first(), group.back().last);
  written_ = group.back().last;
  report_progress();
  if (std::ranges::none_of(group, [](const Entry& entry) { return entry.durability == Durability::kSynced; })) return;
  if (status = journal_.sync(); !status) return refuse(status.error(), 0, 0);
  synced_ = written_;
  report_progress();
}

void GroupWriter::close() {
  const DiskStatus status = journal_.close();
  // Where only the seal found no space, everything else is durable.
  const bool all_durable = journal_.durable_position() == journal_.written_position();
  if (all_durable && synced_ != written_) {
    synced_ = written_;
    report_progress();
  }
  if (!status) refuse(status.error(), 0, 0);
}

void GroupWriter::report_progress() {
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    if (completions_.empty() || completions_.back().outcome != Outcome::kOk) completions_.emplace_back();
    completions_.back().written = written_;
    completions_.back().synced = synced_;
    wake = take_waiter();
  }
  if (wake) wake_();
}

// Refuses the group from `first` to `last` (0: it was written), and all that is queued.
void GroupWriter::refuse(const DiskFailure& failure, std::uint64_t first, std::uint64_t last) {
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    refusing_ = Completion{.outcome = failure.kind == DiskError::kFull ? Outcome::kFull : Outcome::kFailed,
                           .written = written_,
                           .synced = synced_,
                           .message = failure.message};
    completions_.push_back(*refusing_);
    if (last != 0) add_refused(first, last);
    if (!queue_.empty()) add_refused(queue_.front().first(), queue_.back().last);
    queue_.clear();
    queued_bytes_ = 0;
    wake = take_waiter();
  }
  if (wake) wake_();
}

// What is refused is reported with the refusal before it, if the consumer has not seen that yet.
void GroupWriter::add_refused(std::uint64_t first, std::uint64_t last) {
  if (completions_.empty()) completions_.push_back(*refusing_);
  Completion& report = completions_.back();
  if (report.refused_from == 0) report.refused_from = first;
  report.refused_to = last;
}

bool GroupWriter::take_waiter() { return std::exchange(waited_for_, false); }

}  // namespace yard::journal
