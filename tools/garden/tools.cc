#include "tools/garden/tools.h"

#include <cmath>

#include "tools/system/iso_time.h"

namespace yard::tools {
namespace {

constexpr std::int64_t kRegionsDefault = 1'000;  // in one reply; 4,000 are 60,000 of its 65,536 nodes
constexpr std::string_view kTransportKey = "garden.transport";

constexpr std::string_view kNoArguments = R"json({"type": "object", "additionalProperties": false})json";

constexpr std::string_view kAckResult = R"json({
  "type": "object",
  "properties": {"ok": {"type": "boolean", "description": "Dispatched; errors that follow are published and logged"}},
  "required": ["ok"]
})json";

constexpr std::string_view kStatusResult = R"json({
  "type": "object",
  "properties": {
    "state": {"type": "string", "enum": ["stopped", "playing", "paused"]},
    "position_beats": {"type": "number"},
    "tempo_bpm": {"type": "number"},
    "region_count": {"type": "integer"},
    "emergency": {"type": "boolean", "description": "An emergency pause holds, until play or stop"}
  },
  "required": ["state", "position_beats", "tempo_bpm", "region_count", "emergency"]
})json";

constexpr std::string_view kRegionsArguments = R"json({
  "type": "object",
  "properties": {
    "start": {"type": "number", "minimum": 0, "description": "Only regions that end after this beat"},
    "end": {"type": "number", "minimum": 0, "description": "Only regions that begin before this beat"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 4000, "default": 1000, "description": "At most so many, the first by position"}
  },
  "additionalProperties": false
})json";

constexpr std::string_view kRegionsResult = R"json({
  "type": "object",
  "properties": {
    "regions": {"type": "array", "items": {"type": "object", "properties": {
      "region_id": {"type": "string"},
      "position": {"type": "number", "description": "Beat"},
      "duration": {"type": "number", "description": "Beats"},
      "behavior_type": {"type": "string", "enum": ["latent", "content"]},
      "content_id": {"type": "string"},
      "created_at": {"type": "string", "description": "ISO 8601, UTC"}
    }}},
    "count": {"type": "integer", "description": "In this reply"},
    "total": {"type": "integer", "description": "That match, without the limit"}
  },
  "required": ["regions", "count", "total"]
})json";

constexpr std::string_view kSeekArguments = R"json({
  "type": "object",
  "properties": {"beat": {"type": "number", "minimum": 0, "maximum": 1000000000, "description": "Where to go on from"}},
  "required": ["beat"],
  "additionalProperties": false
})json";

constexpr std::string_view kTempoArguments = R"json({
  "type": "object",
  "properties": {"bpm": {"type": "number", "minimum": 20, "maximum": 999, "description": "Beats a minute"}},
  "required": ["bpm"],
  "additionalProperties": false
})json";

constexpr std::string_view kCreateArguments = R"json({
  "type": "object",
  "properties": {
    "region_id": {"type": "string", "minLength": 32, "maxLength": 36, "description": "A UUID of your own, in hex; without it the call's id"},
    "position": {"type": "number", "minimum": 0, "maximum": 1000000000, "description": "Beat at which it begins"},
    "duration": {"type": "number", "exclusiveMinimum": 0, "maximum": 1000000000, "description": "Beats"},
    "behavior_type": {"type": "string", "enum": ["latent", "content"],
                      "description": "content plays content_id; latent is a place for content that is still being made"},
    "content_id": {"type": "string", "maxLength": 256,
                   "description": "For content: an artifact's id or a content hash. For latent: the job or tool that makes it"}
  },
  "required": ["position", "duration", "behavior_type", "content_id"],
  "additionalProperties": false
})json";

constexpr std::string_view kCreateResult = R"json({
  "type": "object",
  "properties": {
    "ok": {"type": "boolean", "description": "Dispatched; errors that follow are published and logged"},
    "region_id": {"type": "string", "description": "32 hex digits"}
  },
  "required": ["ok", "region_id"]
})json";

constexpr std::string_view kDeleteArguments = R"json({
  "type": "object",
  "properties": {"region_id": {"type": "string", "minLength": 32, "maxLength": 36, "description": "As garden_create_region answered it"}},
  "required": ["region_id"],
  "additionalProperties": false
})json";

constexpr std::string_view kMoveArguments = R"json({
  "type": "object",
  "properties": {
    "region_id": {"type": "string", "minLength": 32, "maxLength": 36, "description": "As garden_create_region answered it"},
    "new_position": {"type": "number", "minimum": 0, "maximum": 1000000000, "description": "Beat at which it shall begin"}
  },
  "required": ["region_id", "new_position"],
  "additionalProperties": false
})json";

void write_status(PackWriter& writer, const GardenStatus& status) {
  PackMap(writer)
      .string("state", name_of(status.state))
      .real("position_beats", status.position_beats)
      .real("tempo_bpm", status.tempo_bpm)
      .natural("region_count", status.region_count)
      .boolean("emergency", status.emergency);
}

void publish_transport(const Garden& garden, InlineContext& context) {
  const GardenStatus status = garden.status(context.now());
  Bytes packed;
  PackWriter writer(packed);
  PackMap(writer)
      .string("state", name_of(status.state))
      .real("position_beats", status.position_beats)
      .real("tempo_bpm", status.tempo_bpm)
      .boolean("emergency", status.emergency);
  context.set_value(kTransportKey, packed);
}

Status get_regions(const Garden& garden, PackView arguments, PackWriter& result) {
  Garden::Bounds bounds;
  bounds.start = arguments.find("start").real_or(bounds.start);
  bounds.end = arguments.find("end").real_or(bounds.end);
  if (bounds.start > bounds.end) return fail(ErrorCode::kInvalidArguments, "end lies before start", "/end");
  const double limit = arguments.find("limit").real_or(static_cast<double>(kRegionsDefault));
  const Garden::Found found = garden.regions(bounds, static_cast<std::size_t>(limit));
  PackMap map(result);
  {
    PackArray listed = map.array("regions");
    for (const Region* region : found.regions) {
      listed.map()
          .string("region_id", to_hex(region->id.value()))
          .real("position", region->position)
          .real("duration", region->duration)
          .string("behavior_type", name_of(region->behavior))
          .string("content_id", region->content_id)
          .string("created_at", iso_time(region->created_at));
    }
  }
  map.natural("count", found.regions.size()).natural("total", found.total);
  return {};
}

Result<RegionId> region_argument(PackView arguments) {
  const auto uuid = parse_uuid(arguments.find("region_id").string_or(""));
  if (!uuid) return fail(ErrorCode::kInvalidArguments, "expected a UUID in hex", "/region_id");
  return RegionId(*uuid);
}

// The caller's id, or else the call's own, which its client made.
Result<RegionId> new_region_id(PackView arguments, const InlineContext& context) {
  if (arguments.find("region_id")) return region_argument(arguments);
  return RegionId(context.call_id());
}

void acknowledge_region(PackView arguments, InlineContext& context, PackWriter& ack) {
  const auto id = new_region_id(arguments, context);
  PackMap map(ack);
  map.boolean("ok", true);
  map.string("region_id", id ? to_hex(id->value()) : arguments.find("region_id").string_or(""));
}

Status create_region(Garden& garden, PackView arguments, InlineContext& context) {
  YARD_TRY(const RegionId id, new_region_id(arguments, context));
  const auto behavior = behavior_of(arguments.find("behavior_type").string_or(""));
  if (!behavior) return fail(ErrorCode::kInvalidArguments, "expected latent or content", "/behavior_type");
  return garden.create_region({.id = id,
                               .position = arguments.find("position").real_or(-1),
                               .duration = arguments.find("duration").real_or(-1),
                               .behavior = *behavior,
                               .content_id = std::string(arguments.find("content_id").string_or("")),
                               .created_at = context.now().wall});
}

struct Command {
  std::string name;
  std::string title;
  std::string description;
  std::string_view arguments = kNoArguments;
  bool idempotent = true;
  bool destructive = false;
  std::string_view result = kAckResult;
};

Status add_command(Registry& registry, Command command, AckHandler handler) {
  return registry.add({
      .name = std::move(command.name),
      .title = std::move(command.title),
      .description = std::move(command.description),
      .arguments = std::string(command.arguments),
      .result = std::string(command.result),
      .kind = ToolKind::kAck,
      .idempotent = command.idempotent,
      .destructive = command.destructive,
      .handler = std::move(handler),
  });
}

// A command that changes the transport, and says so to all who follow it.
template <typename Change>
AckHandler transport(Garden& garden, Change change) {
  return {.act = [&garden, change](PackView arguments, InlineContext& context) -> Status {
    YARD_TRY_STATUS(change(garden, arguments, context.now()));
    publish_transport(garden, context);
    return {};
  }};
}

Status add_queries(Registry& registry, const Garden& garden) {
  YARD_TRY_STATUS(registry.add({
      .name = "garden_status",
      .title = "Transport status",
      .description =
          "Returns whether the timeline is stopped, playing or paused, at which beat, at what tempo, and how "
          "many regions it has.",
      .arguments = std::string(kNoArguments),
      .result = std::string(kStatusResult),
      .kind = ToolKind::kImmediate,
      .read_only = true,
      .idempotent = true,
      .handler = ImmediateHandler([&garden](PackView, InlineContext& context, PackWriter& result) -> Status {
        write_status(result, garden.status(context.now()));
        return {};
      }),
  }));
  return registry.add({
      .name = "garden_get_regions",
      .title = "List regions",
      .description = "Lists the regions of the timeline by position: all of them, or those that overlap a range of "
                     "beats. Either bound works alone.",
      .arguments = std::string(kRegionsArguments),
      .result = std::string(kRegionsResult),
      .kind = ToolKind::kImmediate,
      .read_only = true,
      .idempotent = true,
      .handler = ImmediateHandler([&garden](PackView arguments, InlineContext&, PackWriter& result) {
        return get_regions(garden, arguments, result);
      }),
  });
}

Status add_transport_commands(Registry& registry, Garden& garden) {
  YARD_TRY_STATUS(add_command(
      registry,
      {.name = "garden_play", .title = "Play", .description = "Plays the timeline from its current position."},
      transport(garden, [](Garden& g, PackView, Now now) -> Status { return g.play(now), Status{}; })));
  YARD_TRY_STATUS(add_command(
      registry,
      {.name = "garden_pause", .title = "Pause", .description = "Pauses; garden_play goes on from the same beat."},
      transport(garden, [](Garden& g, PackView, Now now) -> Status { return g.pause(now), Status{}; })));
  YARD_TRY_STATUS(
      add_command(registry, {.name = "garden_stop", .title = "Stop", .description = "Stops and returns to beat 0."},
                  transport(garden, [](Garden& g, PackView, Now now) -> Status { return g.stop(now), Status{}; })));
  YARD_TRY_STATUS(add_command(
      registry,
      {.name = "garden_emergency_pause",
       .title = "Emergency pause",
       .description = "Pauses at once and flags the status as an emergency until the next play or stop."},
      transport(garden, [](Garden& g, PackView, Now now) -> Status { return g.emergency_pause(now), Status{}; })));
  YARD_TRY_STATUS(add_command(registry,
                              {.name = "garden_seek",
                               .title = "Seek",
                               .description = "Goes to a beat, without starting or stopping.",
                               .arguments = kSeekArguments},
                              transport(garden, [](Garden& g, PackView arguments, Now now) {
                                return g.seek(arguments.find("beat").real_or(-1), now);
                              })));
  return add_command(registry,
                     {.name = "garden_set_tempo",
                      .title = "Set the tempo",
                      .description = "Sets the tempo, from the current beat on; the position does not jump.",
                      .arguments = kTempoArguments},
                     transport(garden, [](Garden& g, PackView arguments, Now now) {
                       return g.set_tempo(arguments.find("bpm").real_or(0), now);
                     }));
}

Status add_region_commands(Registry& registry, Garden& garden) {
  YARD_TRY_STATUS(add_command(
      registry,
      {.name = "garden_create_region",
       .title = "Create a region",
       .description = "Puts a region on the timeline and returns its region_id at once: yours where you give one, else "
                      "the call's id. An id that is in use is refused, as an error event.",
       .arguments = kCreateArguments,
       .idempotent = false,
       .result = kCreateResult},
      {.acknowledge = acknowledge_region, .act = [&garden](PackView arguments, InlineContext& context) {
         return create_region(garden, arguments, context);
       }}));
  YARD_TRY_STATUS(add_command(registry,
                              {.name = "garden_delete_region",
                               .title = "Delete a region",
                               .description = "Takes a region off the timeline. Its content stays stored.",
                               .arguments = kDeleteArguments,
                               .idempotent = false,
                               .destructive = true},
                              {.act = [&garden](PackView arguments, InlineContext&) -> Status {
                                YARD_TRY(const RegionId id, region_argument(arguments));
                                return garden.delete_region(id);
                              }}));
  return add_command(registry,
                     {.name = "garden_move_region",
                      .title = "Move a region",
                      .description = "Moves a region to another beat; its duration stays.",
                      .arguments = kMoveArguments},
                     {.act = [&garden](PackView arguments, InlineContext&) -> Status {
                       YARD_TRY(const RegionId id, region_argument(arguments));
                       return garden.move_region(id, arguments.find("new_position").real_or(-1));
                     }});
}

}  // namespace

Status add_garden_tools(Registry& registry, Garden& garden) {
  YARD_TRY_STATUS(add_queries(registry, garden));
  YARD_TRY_STATUS(add_transport_commands(registry, garden));
  return add_region_commands(registry, garden);
}

}  // namespace yard::tools
