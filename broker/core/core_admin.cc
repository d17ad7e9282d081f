// PAUSE, RESUME, PURGE, DRAIN and AUDIT: the control socket's own verbs.
#include <algorithm>

#include "broker/core/core.h"
#include "broker/core/job_view.h"

namespace yard::broker {

using wire::Verb;

namespace {

constexpr std::int64_t kAuditUsual = 100;
constexpr std::size_t kReasonMax = 256;

}  // namespace

Status Core::administer(const Asked& asked, PackView body) {
  const Verb verb = asked.message.header.verb;
  if (asked.lane != Lane::kControl)
    return fail(ErrorCode::kUnauthorized, std::string(name_of(verb)) + " goes to the control socket");
  if (verb == Verb::kAudit) return write_audit(asked, body), Status{};
  YARD_TRY(jobs::Target target, jobs::read_target(body.find("target")));
  const std::string_view reason = body.find("reason").string_or("");
  if (reason.size() > kReasonMax) return fail(ErrorCode::kBadRequest, "a reason has at most 256 bytes");
  jobs::AuditEntry entry{.principal = asked.session.principal,
                         .action = std::string(name_of(verb)),
                         .target = std::move(target),
                         .reason = std::string(reason)};
  const auto done = [&](const JobDesk::Purged& purged = {}) {
    reply(gated(), asked.to, Verb::kAck, [&](PackWriter& writer) {
      PackMap map(writer);
      map.boolean("ok", true);
      if (verb == Verb::kPurge) map.natural("purged", purged.count);
      if (purged.next) map.string("cursor", to_hex(purged.next.value()));
    });
    return Status{};
  };
  switch (verb) {
    case Verb::kPause: YARD_TRY_STATUS(admin_.pause(std::move(entry), asked.now)); return done();
    case Verb::kResume: YARD_TRY_STATUS(admin_.resume(std::move(entry), asked.now)); return done();
    case Verb::kPurge: {
      jobs::Job* from = nullptr;
      if (const PackView cursor = body.find("cursor")) {
        const auto id = parse_uuid(cursor.string_or(""));
        from = id ? desk_.find(JobId(*id)) : nullptr;
        if (from == nullptr) return fail(ErrorCode::kNotFound, "the cursor's job is gone; purge again from the start");
      }
      YARD_TRY(const JobDesk::Purged purged, admin_.purge(std::move(entry), from, asked.now));
      return done(purged);
    }
    default: break;
  }
  if (!entry.target.empty()) {
    YARD_TRY_STATUS(admin_.pause(std::move(entry), asked.now));
    return done();
  }
  admin_.audit(std::move(entry), asked.now);
  const Status acknowledged = done();
  drain(asked.now);
  return acknowledged;
}

void Core::write_audit(const Asked& asked, PackView body) {
  const auto& entries = admin_.entries();
  const auto limit = std::min<std::size_t>(
      entries.size(), static_cast<std::size_t>(std::max<std::int64_t>(1, body.find("limit").integer_or(kAuditUsual))));
  reply(gated(), asked.to, Verb::kData, [&](PackWriter& writer) {
    PackMap map(writer);
    PackWriter& list = map.value("entries");
    list.array(static_cast<std::uint32_t>(limit));
    for (auto entry = entries.rbegin(); entry != entries.rbegin() + static_cast<std::ptrdiff_t>(limit); ++entry) {
      PackMap one(list);
      one.integer("time_ms", unix_ms(entry->time))
          .string("principal", entry->principal)
          .string("action", entry->action);
      jobs::write_target(one.value("target"), entry->target);
      one.natural("count", entry->count).string("reason", entry->reason);
    }
    PackWriter& paused = map.value("paused");
    paused.array(static_cast<std::uint32_t>(admin_.pauses().size()));
    for (const jobs::Target& target : admin_.pauses()) write_target(paused, target);
  });
}

}  // namespace yard::broker
