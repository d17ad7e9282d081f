// Random operations on the core, and what must hold whatever they are.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

#include "tests/broker/core/harness.h"
#include "tests/support/seed.h"

namespace yard::broker {
namespace {

using jobs::JobState;

struct Shape {
  std::uint64_t seed;
  Harness::Commits commits;
  std::size_t ended_count_max;
  std::size_t slots;
  std::size_t prefetch_max;
};

CoreOptions options_of(const Shape& shape) {
  CoreOptions options;
  options.executor_slots = shape.slots;
  options.limits.ended_count_max = shape.ended_count_max;
  options.limits.prefetch_max = shape.prefetch_max;
  options.limits.jobs_live_max = 60;
  options.limits.waiters_max = 20;
  options.limits.job_stream_bytes = 2'000;
  return options;
}

class Model {
 public:
  explicit Model(const Shape& shape) : shape_(shape), random_(shape.seed), harness_(options_of(shape), shape.commits) {}

  void run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFatalFailure(); ++step) {
      act();
      check_counts();
      check_nothing_unwritten_was_said();
    }
    end_everything();
    check_events();
    check_records();
    check_replies();
  }

 private:
  std::uint64_t pick(std::uint64_t bound) { return below(random_, bound); }
  bool chance(std::uint64_t one_in) { return pick(one_in) == 0; }
  JobId any_job() { return ids_.empty() || chance(30) ? JobId(harness_.fresh_id()) : ids_[pick(ids_.size())]; }

  void act() {
    switch (pick(12)) {
      case 0:
      case 1:
      case 2: return submit();
      case 3: return resubmit();
      case 4: return ask(Verb::kCancel, {{"job_id", hex_of(any_job())}});
      case 5:
      case 6:
      case 7: return report();
      case 8: return stale_report();
      case 9: return harness_.advance(Millis(pick(chance(5) ? 15'000 : 300)));
      case 10: return wait();
      default:
        if (shape_.commits == Harness::Commits::kByHand) harness_.commit();
        return ask(chance(2) ? Verb::kList : Verb::kWhy, {{"job_id", hex_of(any_job())}});
    }
  }

  void ask(Verb verb, const json& body, Asking asking = {}) {
    asked_.insert(harness_.post(verb, body, std::move(asking)));
  }

  void submit() {
    static constexpr std::array kTools = {"work", "slow", "long", "narrow"};
    json options = json::object();
    for (const char* name : {"queue_ttl_ms", "attempt_timeout_ms", "deadline_ms", "delay_ms"}) {
      if (chance(5)) options[name] = 1 + pick(3'000);
    }
    if (chance(4) && !options.contains("delay_ms")) {
      options["after"] = json::array();
      for (std::uint64_t i = 0; i <= pick(3); ++i) options["after"].push_back(hex_of(any_job()));
      if (chance(2)) options["on_parent_failure"] = "continue";
    }
    const Asking asking{.id = harness_.fresh_id(),
                        .budget_ms = chance(3) ? 0 : static_cast<std::uint32_t>(pick(2'000)),
                        .tool = kTools[pick(kTools.size())],
                        .options = options,
                        .priority = static_cast<std::uint8_t>(pick(4))};
    ids_.emplace_back(asking.id);
    orders_[ids_.back()] = asking;
    ask(Verb::kCall, {{"n", 1}}, asking);
  }

  void resubmit() {
    const auto order = orders_.find(any_job());
    if (order == orders_.end() || harness_.core().jobs().find(order->first) == nullptr) return;
    ask(Verb::kCall, {{"n", chance(4) ? 2 : 1}}, order->second);
  }

  void report() {
    if (harness_.works.empty()) return;
    auto work = harness_.works.begin();
    std::advance(work, static_cast<std::ptrdiff_t>(pick(harness_.works.size())));
    const JobId id = work->first;
    fences_.emplace_back(id, work->second.fence);
    if (started_.insert(id).second && !chance(10)) return harness_.begin(id);
    switch (pick(6)) {
      case 0: return harness_.report(id, jobs::Progressed{static_cast<double>(pick(101)), "on it"});
      case 1: return harness_.report(id, jobs::Chunked{Bytes(pick(300), 'x')});
      case 2: return harness_.report(id, jobs::Logged{"info", "line"});
      case 3: return harness_.fail_with(id, ErrorCode::kToolFailed);
      default: return harness_.report(id, jobs::Finished{.outcome = Bytes("\x80"), .busy = Nanos(1 + pick(1'000'000))});
    }
  }

  // From an attempt that is over, from one that never was, and from one that has no number.
  void stale_report() {
    std::pair<JobId, std::uint64_t> of{any_job(), chance(2) ? 0 : 1'000'000'000 + pick(10)};
    if (!fences_.empty() && chance(2)) of = fences_[pick(fences_.size())];
    if (const auto work = harness_.works.find(of.first);
        work != harness_.works.end() && work->second.fence == of.second)
      return;
    harness_.core().on_report(harness_.now(), {.id = of.first, .fence = of.second, .what = jobs::Chunked{"late"}});
    harness_.core().on_report(harness_.now(),
                              {.id = of.first, .fence = of.second, .what = jobs::Finished{.outcome = Bytes("\x80")}});
    harness_.settle();
  }

  void wait() {
    json ids = json::array();
    for (std::uint64_t i = 0; i <= pick(5); ++i) ids.push_back(hex_of(any_job()));
    ask(Verb::kWait, {{"job_ids", ids}, {"mode", chance(2) ? "all" : "any"}},
        {.budget_ms = static_cast<std::uint32_t>(pick(5'000))});
  }

  void end_everything() {
    if (shape_.commits == Harness::Commits::kByHand) harness_.commit();
    // What waits would be kept for another start.
    std::vector<JobId> waiting;
    for (const jobs::Job* job = harness_.core().jobs().newest(); job != nullptr;
         job = harness_.core().jobs().older(*job)) {
      if (next_state(job->state, jobs::JobEvent::kCancel) == JobState::kCancelled) waiting.push_back(job->id);
    }
    for (const JobId id : waiting) ask(Verb::kCancel, {{"job_id", hex_of(id)}});
    if (shape_.commits == Harness::Commits::kByHand) harness_.commit();
    harness_.core().drain(harness_.now());
    harness_.settle();
    for (int round = 0; round < 10 && harness_.core().jobs().live() > 0; ++round) {
      if (shape_.commits == Harness::Commits::kByHand) harness_.commit();
      while (!harness_.works.empty()) {
        const JobId id = harness_.works.begin()->first;
        chance(2) ? harness_.fail_with(id, ErrorCode::kCancelled) : harness_.succeed(id);
      }
    }
    if (shape_.commits == Harness::Commits::kByHand) harness_.commit();
    EXPECT_EQ(harness_.core().jobs().live(), 0u);
    EXPECT_EQ(harness_.core().jobs().live_bytes(), 0u);
    EXPECT_EQ(harness_.core().jobs().queue().size(), 0u);
    EXPECT_EQ(harness_.core().jobs().admission().outstanding(), 0u);
    EXPECT_TRUE(harness_.core().drained(harness_.now()));
    check_counts();
    // Who waits for what is no longer there is told when the time is up.
    harness_.advance(std::chrono::seconds(6));
  }

  void check_counts() {
    const JobDesk& desk = harness_.core().jobs();
    std::array<std::size_t, jobs::kJobStates> by_state{};
    std::size_t all = 0;
    std::size_t live = 0;
    for (const jobs::Job* job = desk.newest(); job != nullptr; job = desk.older(*job)) {
      ++by_state[static_cast<std::size_t>(job->state)];
      ++all;
      live += !is_terminal(job->state);
      ASSERT_EQ(is_terminal(job->state), job->run && job->run->ended_at.has_value());
      ASSERT_FALSE(job->run && job->run->timer.armed() && is_terminal(job->state));
    }
    ASSERT_EQ(desk.size(), all);
    ASSERT_EQ(desk.live(), live);
    for (std::size_t i = 0; i < by_state.size(); ++i)
      ASSERT_EQ(desk.count(JobState{static_cast<std::uint8_t>(i)}), by_state[i]);
    ASSERT_EQ(desk.queue().size(), desk.count(JobState::kQueued));
    if (shape_.commits == Harness::Commits::kAtOnce) {
      ASSERT_EQ(desk.admission().outstanding(), harness_.works.size());
    }
  }

  void check_nothing_unwritten_was_said() {
    for (; checked_ < harness_.events.size(); ++checked_)
      ASSERT_LE(harness_.events[checked_].header.lsn, harness_.committed);
  }

  void check_events() {
    std::map<std::string, std::vector<const Published*>> streams;
    for (const Published& event : harness_.events) streams[event.topic].push_back(&event);
    for (const auto& [topic, events] : streams) {
      if (topic == "b.") continue;
      const bool of_job = topic.starts_with("j.");
      for (std::size_t i = 0; i < events.size(); ++i) {
        ASSERT_EQ(events[i]->header.seq, i + 1) << topic << " is not dense";
        const auto kind = events[i]->header.kind;
        const bool end = kind == iopub::EventKind::kComplete || kind == iopub::EventKind::kError;
        ASSERT_EQ(end, of_job && i + 1 == events.size()) << topic << ": its end is its last event";
      }
    }
    EXPECT_EQ(harness_.events.back().header.kind == iopub::EventKind::kFarewell ||
                  harness_.events.back().header.kind == iopub::EventKind::kBeacon,
              true);
  }

  void check_records() {
    struct Seen {
      int submitted = 0;
      int ended = 0;
    };
    std::map<JobId, Seen> seen;
    ASSERT_TRUE(jobs::each_record(harness_.records, [&](const jobs::Record& record) -> Status {
      const jobs::RecordHead& head = record.head;
      Seen& job = seen[head.job];
      EXPECT_EQ(job.ended, head.kind == jobs::RecordKind::kForgotten) << "behind the last one of " << hex_of(head.job);
      job.submitted += head.kind == jobs::RecordKind::kSubmitted;
      job.ended += head.kind == jobs::RecordKind::kEnded;
      EXPECT_EQ(job.submitted, 1);
      return {};
    }));
    for (const auto& [id, job] : seen) EXPECT_EQ(job.ended, 1) << hex_of(id);
    EXPECT_EQ(seen.size(), harness_.core().counters().jobs_submitted);
    const Counters& counters = harness_.core().counters();
    EXPECT_EQ(counters.jobs_succeeded + counters.jobs_failed + counters.jobs_cancelled + counters.jobs_expired,
              counters.jobs_submitted);
  }

  void check_replies() {
    for (const Reply& reply : harness_.replies)
      EXPECT_EQ(asked_.erase(reply.header.correlation), 1u) << "two replies to one request";
    EXPECT_TRUE(asked_.empty()) << asked_.size() << " requests without a reply";
  }

  const Shape shape_;
  SeededRandom random_;
  Harness harness_;
  std::vector<JobId> ids_;
  std::map<JobId, Asking> orders_;
  std::set<JobId> started_;
  std::vector<std::pair<JobId, std::uint64_t>> fences_;
  std::set<std::uint64_t> asked_;
  std::size_t checked_ = 0;
};

TEST(CoreModel, HoldsWhateverHappens) {
  const std::uint64_t first = test_seed();
  for (std::uint64_t i = 0; i < 12; ++i) {
    const Shape shape{.seed = first + i,
                      .commits = i % 3 == 2 ? Harness::Commits::kByHand : Harness::Commits::kAtOnce,
                      .ended_count_max = i % 2 == 0 ? std::size_t{100'000} : std::size_t{i % 4},
                      .slots = 1 + i % 4,
                      .prefetch_max = i % 5 == 0 ? std::size_t{0} : std::size_t{16}};
    SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(first) + ", round " + std::to_string(i));
    Model(shape).run(1'500);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace yard::broker
