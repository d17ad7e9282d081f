// A ready queue with the policy and the needs that a test gives it, and jobs to queue.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "engine/base/random.h"
#include "jobs/ready_queue.h"

namespace yard::jobs {

using std::chrono::seconds;

inline constexpr SteadyTime kStart{std::chrono::hours(1)};

class Shares : public testing::Test {
 protected:
  struct Given {
    std::string tool = "work";
    std::string key = "";
    std::uint32_t concurrency_max = 0;
    Millis attempt_timeout = seconds(10);
    std::uint8_t priority = 2;
  };

  ReadyQueue& queue() {
    if (!queue_) {
      queue_.emplace(policy_, [this](std::string_view tool) {
        const auto found = needs_.find(tool);
        return found == needs_.end() ? nullptr : &found->second;
      });
    }
    return *queue_;
  }

  JobOrder order_of(const std::string& tenant, const Given& given) {
    return {.id = JobId(make_uuid(random_)),
            .tool = given.tool,
            .principal = tenant,
            .priority = given.priority,
            .concurrency_max = given.concurrency_max,
            .attempt_timeout = given.attempt_timeout,
            .concurrency_key = given.key};
  }

  Job& push(const std::string& tenant, const Given& given) {
    Job& job = jobs_.emplace_back(order_of(tenant, given), names_);
    job.queued = kStart;
    job.first_lsn = jobs_.size();
    queue().push(job);
    return job;
  }
  Job& push(const std::string& tenant) { return push(tenant, {}); }

  void flood(const std::string& tenant, int count) {
    for (int i = 0; i < count; ++i) push(tenant);
  }

  Job* pop() {
    return queue().pop(ExecutorKind::kThreads, now_, [](const Job&) { return true; });
  }

  // The tenants of the next `count` jobs, one letter each.
  std::string served(int count) {
    std::string tenants;
    for (int i = 0; i < count; ++i) {
      const Job* job = pop();
      tenants += job ? std::string(job->principal) : "-";
    }
    return tenants;
  }

  void release(Job& job, Nanos busy = {}) { queue().release(job, busy, now_); }
  void pass(Nanos time) {
    now_.steady += time;
    now_.wall += std::chrono::duration_cast<WallTime::duration>(time);
  }
  Blocker::Kind blocker(const Job& job) { return queue().blocker_of(job, now_).kind; }

  SchedulingPolicy policy_;
  std::map<std::string, ToolNeeds, std::less<>> needs_;
  SeededRandom random_{1};
  Now now_{.steady = kStart, .wall = WallTime(std::chrono::hours(480'000))};
  NameTable names_;
  std::deque<Job> jobs_;
  std::optional<ReadyQueue> queue_;
};

}  // namespace yard::jobs
