// SCHEDULE_SET, SCHEDULE_REMOVE and SCHEDULES: jobs at the instants of a calendar.
#include <algorithm>
#include <array>

#include "broker/core/core.h"
#include "broker/core/job_view.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"

namespace yard::broker {

using wire::Verb;

namespace {

Status check_fields(PackView body) {
  constexpr std::array<std::string_view, 8> kFields = {"name", "cron",     "zone",    "missed",
                                                       "tool", "priority", "options", "arguments"};
  Status known;
  body.each_pair([&](std::string_view key, PackView) {
    if (std::ranges::find(kFields, key) == kFields.end())
      known = fail(ErrorCode::kBadRequest, "a schedule has no \"" + printable(key) + "\"");
  });
  return known;
}

void write_entry(PackWriter& writer, const Schedules::Entry& entry, jobs::ScheduleDetail detail) {
  PackMap map(writer);
  write_schedule(map, entry.schedule, detail);
  map.integer("next_ms", unix_ms(entry.progress.next));
  if (const auto& last = entry.progress.last)
    map.integer("last_ms", unix_ms(last->instant)).string("last_job", to_hex(last->job.value()));
  if (!entry.progress.owed.empty()) map.natural("owed", entry.progress.owed.size());
  if (entry.problem) write_error(map.value("error"), *entry.problem);
}

}  // namespace

// The call that a run of the schedule is; borrows from `body`, which is empty.
Result<dispatch::Request> Core::call_of(const jobs::Schedule& schedule, JobId id, Bytes& body) const {
  body.append(schedule.options).append(schedule.arguments);
  const wire::Message call{
      .header = {.verb = Verb::kCall,
                 .flags = schedule.options.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(wire::kHasOptions),
                 .priority = schedule.priority,
                 .id = id.value(),
                 .budget_ms = 0},
      .tool = schedule.tool,
      .body = body};
  YARD_TRY(dispatch::Request request, dispatch::resolve(tools_, call));
  if (request.plan.kind == tools::ToolKind::kJob) return request;
  return fail(ErrorCode::kBadRequest, schedule.tool + " makes no job", "/tool");
}

Result<JobId> Core::submit_run(const jobs::Schedule& schedule, JobId id, Now now) {
  Bytes body;
  YARD_TRY(const dispatch::Request request, call_of(schedule, id, body));
  submitting_ = now;
  YARD_TRY(const jobs::Job* job, submit(order_of(request, schedule.principal)));
  return job->id;
}

// Whether it would be accepted now.
Status Core::check_schedule(const jobs::Schedule& schedule, JobId id) const {
  if (schedule.options.size() + schedule.arguments.size() > limits_.schedule_bytes_max) {
    return fail(ErrorCode::kTooLarge, "a schedule has at most " + std::to_string(limits_.schedule_bytes_max) +
                                          " bytes of options and arguments; put large data into the CAS");
  }
  Bytes body;
  auto request = call_of(schedule, id, body);
  if (!request) {
    Error error = std::move(request).error();
    if (error.code == ErrorCode::kInvalidArguments) error.pointer = "/arguments" + error.pointer;
    return std::unexpected(std::move(error));
  }
  if (request->options.after.empty() && !request->options.parent) return {};
  return fail(ErrorCode::kBadRequest, "options after, with and parent name single jobs: a schedule has none of them",
              "/options");
}

Status Core::schedule_set(const Asked& asked, PackView body) {
  const JobId id(asked.message.header.id);
  YARD_TRY_STATUS(check_fields(body));
  YARD_TRY(jobs::Schedule schedule, jobs::read_schedule(body));
  schedule.principal = asked.session.principal;
  YARD_TRY_STATUS(check_schedule(schedule, id));
  if (log_full_) return disk_full();
  schedules_.set(std::move(schedule), asked.now,
                 [this, to = asked.to, id, digest = digest_of(asked)](Result<const Schedules::Entry*> entry) {
                   if (!entry) return nack(gated(), to, entry.error());
                   reply(gated(), to, Verb::kData,
                         [&](PackWriter& writer) { write_entry(writer, **entry, jobs::ScheduleDetail::kWhole); });
                   replies_.put((*entry)->schedule.principal, id.value(), digest, gated().last());
                 });
  return {};
}

Status Core::schedule_remove(const Asked& asked, PackView body) {
  const std::string& principal = asked.session.principal;
  YARD_TRY_STATUS(schedules_.remove(principal, body.find("name").string_or(""), asked.now));
  reply(gated(), asked.to, Verb::kAck, [](PackWriter& writer) { PackMap(writer).boolean("ok", true); });
  replies_.put(principal, asked.message.header.id, digest_of(asked), gated().last());
  return {};
}

// SCHEDULE_SET and SCHEDULE_REMOVE: the same id gets the same answer.
Status Core::change_schedule(const Asked& asked, PackView body) {
  if (!asked.message.header.id) {
    return fail(ErrorCode::kBadRequest, std::string(name_of(asked.message.header.verb)) +
                                            " needs a client-made id of 128 random bits: it makes a retry safe");
  }
  if (answered_before(gated(), asked.to, asked.session.principal, asked.message.header.id, digest_of(asked))) return {};
  return asked.message.header.verb == Verb::kScheduleSet ? schedule_set(asked, body) : schedule_remove(asked, body);
}

std::uint64_t Core::digest_of(const Asked& asked) {
  return hash64(asked.message.body, static_cast<std::uint64_t>(asked.message.header.verb));
}

Status Core::list_schedules(const Asked& asked, PackView body) {
  const std::string_view name = body.find("name").string_or("");
  const std::vector<const Schedules::Entry*> found = schedules_.of(asked.session.principal, name);
  if (found.empty() && !name.empty())
    return fail(ErrorCode::kNotFound, "no schedule \"" + printable(name) + "\"", "/name");
  reply(gated(), asked.to, Verb::kData, [&](PackWriter& writer) {
    PackMap map(writer);
    PackWriter& list = map.value("schedules");
    list.array(static_cast<std::uint32_t>(found.size()));
    for (const Schedules::Entry* entry : found)
      write_entry(list, *entry, name.empty() ? jobs::ScheduleDetail::kBrief : jobs::ScheduleDetail::kWhole);
  });
  return {};
}

}  // namespace yard::broker
