#include "jobs/broker_records.h"

#include "engine/base/hash.h"
#include "engine/base/little_endian.h"
#include "engine/base/text.h"

namespace yard::jobs {
namespace {

constexpr std::size_t kTargetNameMax = 128;

std::unexpected<Error> damaged(std::string_view kind) {
  return fail(ErrorCode::kBadFrame, "record: its body is no " + std::string(kind));
}

Result<PackView> body_of(const Record& record, std::string_view kind) {
  if (!check_pack(record.body) || PackView(record.body).type() != PackType::kMap) return damaged(kind);
  return PackView(record.body);
}

Result<Target> target_of(PackView map, std::string_view kind) {
  if (auto target = read_target(map)) return *std::move(target);
  return damaged(kind);
}

}  // namespace

void write_target(PackWriter& writer, const Target& target) {
  PackMap map(writer);
  if (!target.tool.empty()) map.string("tool", target.tool);
  if (!target.tenant.empty()) map.string("tenant", target.tenant);
  if (target.queue) map.string("queue", name_of(*target.queue));
  if (!target.worker.empty()) map.string("worker", target.worker);
}

Result<Target> read_target(PackView map) {
  if (!map) return Target{};
  if (map.type() != PackType::kMap) return fail(ErrorCode::kBadRequest, "a target is a map");
  Target target;
  Status status;
  map.each_pair([&](std::string_view name, PackView value) {
    const std::string_view text = value.string_or("");
    if (text.empty() || text.size() > kTargetNameMax) {
      status = fail(ErrorCode::kBadRequest, "target: " + printable(name) + " is a name of at most 128 bytes");
    } else if (name == "tool") {
      target.tool = text;
    } else if (name == "tenant") {
      target.tenant = text;
    } else if (name == "worker") {
      target.worker = text;
    } else if (name == "queue" && parse_executor(text)) {
      target.queue = parse_executor(text);
    } else {
      status = fail(ErrorCode::kBadRequest, "target: unknown " + printable(name) + " \"" + printable(text) + "\"");
    }
  });
  if (!status) return std::unexpected(std::move(status).error());
  if (!target.worker.empty() && map.size() > 1)
    return fail(ErrorCode::kBadRequest, "target: a worker stands alone, whatever it runs");
  return target;
}

void write_paused(PackWriter& writer, const std::vector<Target>& targets) {
  writer.map(1);
  writer.string("targets");
  writer.array(static_cast<std::uint32_t>(targets.size()));
  for (const Target& target : targets) write_target(writer, target);
}

Result<std::vector<Target>> read_paused(const Record& record) {
  constexpr std::string_view kKind = "pause";
  YARD_TRY(const PackView body, body_of(record, kKind));
  const PackView targets = body.find("targets");
  if (targets.type() != PackType::kArray || targets.size() > kPausesMax) return damaged(kKind);
  std::vector<Target> paused;
  bool good = true;
  targets.each_element([&](PackView element) {
    auto target = read_target(element);
    good = good && target.has_value();
    if (target) paused.push_back(*std::move(target));
  });
  if (!good) return damaged(kKind);
  return paused;
}

void write_spent(PackWriter& writer, const Spent& spent) {
  PackMap map(writer);
  map.string("tenant", spent.tenant).integer("began_s", spent.began.count());
  PackMap units = map.map("spent");
  for (const auto& [unit, amount] : spent.spent) units.natural(unit, amount);
}

Result<Spent> read_spent(const Record& record) {
  constexpr std::string_view kKind = "spending";
  YARD_TRY(const PackView body, body_of(record, kKind));
  const auto tenant = body.find("tenant").string();
  const auto began = body.find("began_s").integer();
  const PackView units = body.find("spent");
  if (!tenant || !began || *began < 0 || units.type() != PackType::kMap) return damaged(kKind);
  Spent spent{.tenant = std::string(*tenant), .began = std::chrono::seconds(*began), .spent = {}};
  bool good = true;
  units.each_pair([&](std::string_view unit, PackView value) {
    const std::int64_t amount = value.integer_or(-1);
    good = good && amount >= 0;
    spent.spent[std::string(unit)] = static_cast<std::uint64_t>(amount);
  });
  if (!good) return damaged(kKind);
  return spent;
}

void write_audited(PackWriter& writer, const AuditEntry& entry) {
  PackMap map(writer);
  map.string("principal", entry.principal).string("action", entry.action);
  write_target(map.value("target"), entry.target);
  map.natural("count", entry.count).string("reason", entry.reason);
}

Result<AuditEntry> read_audited(const Record& record) {
  constexpr std::string_view kKind = "audit entry";
  YARD_TRY(const PackView body, body_of(record, kKind));
  const auto principal = body.find("principal").string();
  const auto action = body.find("action").string();
  const std::int64_t count = body.find("count").integer_or(-1);
  if (!principal || !action || count < 0) return damaged(kKind);
  YARD_TRY(Target target, target_of(body.find("target"), kKind));
  return AuditEntry{.time = record.head.time,
                    .principal = std::string(*principal),
                    .action = std::string(*action),
                    .target = std::move(target),
                    .count = static_cast<std::uint64_t>(count),
                    .reason = std::string(body.find("reason").string_or(""))};
}

JobId subject_of(std::string_view tenant) {
  Bytes octets(16, '\0');
  store_le(octets.data(), hash64(tenant, 1));
  store_le(octets.data() + 8, hash64(tenant, 2));
  return JobId(uuid_from_bytes(octets));
}

}  // namespace yard::jobs
