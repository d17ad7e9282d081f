#include "broker/core/retention.h"

namespace yard::broker {

using jobs::Job;

namespace {

std::size_t bytes_of(const Job& job) {
  return sizeof(Job) + sizeof(jobs::JobRun) + job.arguments.size() + job.run->result.size() + job.run->stream.bytes();
}

// Starts to bring an object into the caches.
template <typename T>
void fetch(const T* object) {
  constexpr std::size_t kLine = 64;
  const char* bytes = reinterpret_cast<const char*>(object);
  for (std::size_t at = 0; at < sizeof(T); at += kLine) __builtin_prefetch(bytes + at, 1);
}

}  // namespace

void Retention::add(Job& job) {
  Shelf& shelf = shelf_of(job);
  shelf.jobs.push_back(job);
  shelf.bytes += bytes_of(job);
}

void Retention::remove(Job& job) {
  Shelf& shelf = shelf_of(job);
  shelf.jobs.erase(job);
  shelf.bytes -= bytes_of(job);
}

Job* Retention::surplus() const {
  if (ended_.jobs.size() + timed_.jobs.size() > limits_.ended_count_max ||
      ended_.bytes + timed_.bytes > limits_.ended_bytes_max)
    return ended_.jobs.empty() ? timed_.jobs.front() : ended_.jobs.front();
  if (dead_.jobs.size() > limits_.dead_count_max || dead_.bytes > limits_.dead_bytes_max) return dead_.jobs.front();
  return nullptr;
}

Job* Retention::expired(SteadyTime now) const {
  Job* oldest = ended_.jobs.front();
  return oldest != nullptr && now - oldest->run->ended > limits_.ended_ttl ? oldest : nullptr;
}

void Retention::fetch_ahead() const {
  const Job* next = ended_.jobs.front();
  if (next == nullptr) return;
  fetch(next->run.get());
  if (const Job* after = ended_.jobs.after(*next)) fetch(after);
}

}  // namespace yard::broker
