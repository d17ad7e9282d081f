// The messages between the broker and its workers, as values (PROTOCOL.md, section 10).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/core/workers.h"
#include "dispatch/wire/message.h"
#include "engine/base/pack.h"
#include "engine/base/result.h"
#include "jobs/executor.h"
#include "jobs/job.h"
#include "tools/tool.h"

namespace yard::broker {

// ---- from workers; their bodies are checked

// An attempt that a worker says to hold.
struct ListedAttempt {
  JobId job;
  std::uint64_t fence = 0;
  std::uint64_t reported = 0;  // its newest report that was acknowledged
};

// The field `attempts` of REGISTER and RENEW. Errors: kBadRequest; kTooLarge for more than `most`.
[[nodiscard]] Result<std::vector<ListedAttempt>> read_attempts(PackView body, std::size_t most);

struct Registration {
  Uuid worker;
  std::string name;
  std::size_t concurrency = 0;
  jobs::Amounts resources;             // that it has
  std::vector<tools::ToolSpec> tools;  // none of which takes more
  std::vector<ListedAttempt> attempts;
};

// Errors: kBadRequest; kTooLarge, also for a tool that needs more than the worker has.
[[nodiscard]] Result<Registration> read_registration(PackView body, const Limits& limits);

// What START, PROGRESS, CHUNK, LOG, SUCCEED or FAIL reports. Errors: kBadRequest, kUnsupported for other verbs.
[[nodiscard]] Result<jobs::Report> read_report(const wire::Message& message);

// ---- to workers: each writes one frame to the worker's peer; none where it has not been heard of since the start

// Arguments that an ASSIGN has room for.
inline constexpr std::size_t kAssignArgumentsMax =
    wire::kFrameBytesMax - wire::kHeaderBytes - wire::kToolBytesMax - 128;

using WorkerFrames = FrameBatch<Peer>;

void write_assign(WorkerFrames& frames, const Worker& worker, const jobs::Job& job);
void write_stop(WorkerFrames& frames, const Worker& worker, const jobs::Job& job);
void write_revoke(WorkerFrames& frames, const Worker& worker, const ListedAttempt& attempt);

// Everything that the attempt reported up to `number` is written.
void write_report_ack(WorkerFrames& frames, const Worker& worker, const ListedAttempt& attempt, std::uint64_t number);

}  // namespace yard::broker
