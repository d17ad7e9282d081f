#include "engine/ports/world_bridge.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "engine/base/pack_json.h"
#include "engine/graph/value.h"

namespace yard::ports {
namespace {

using graph::Cell;
using graph::DataType;
using graph::Text;
using graph::Value;

std::unexpected<Error> misfit(DataType type) {
  return fail(ErrorCode::kInvalidArguments, "the payload is no " + std::string(name_of(type)));
}

// A bool, or what stands for one.
std::optional<bool> truth(Payload payload) {
  return payload.kind() == PayloadKind::kPulse ? std::optional(true) : payload.get<bool>();
}

Result<Value> to_json_value(Payload payload) {
  const Bytes packed = canonical_pack(payload);
  const std::string text = to_json(PackView(packed)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return graph::parse_value(text, DataType::kJson);
}

Result<Value> to_value(Payload payload, DataType type) {
  const std::optional<bool> boolean = truth(payload);
  switch (type) {
    case DataType::kBool:
      if (boolean) return *boolean;
      break;
    case DataType::kInt64:
      if (boolean) return std::int64_t{*boolean ? 1 : 0};
      if (const auto integer = payload.get<std::int64_t>()) return *integer;
      break;
    case DataType::kDouble:
      if (boolean) return *boolean ? 1.0 : 0.0;
      if (const auto real = payload.get<double>()) return *real;
      break;
    case DataType::kString:
      if (payload.kind() == PayloadKind::kText) return Text(std::string(payload.view()));
      break;
    case DataType::kBytes:
      if (payload.kind() == PayloadKind::kBytes) return Text(std::string(payload.view()));
      break;
    case DataType::kJson: return to_json_value(payload);
  }
  return misfit(type);
}

Bytes packed(const Value& value, DataType type) {
  Bytes bytes;
  PackWriter writer(bytes);
  switch (type) {
    case DataType::kBool: writer.boolean(std::get<bool>(value)); break;
    case DataType::kInt64: writer.integer(std::get<std::int64_t>(value)); break;
    case DataType::kDouble: writer.real(std::get<double>(value)); break;
    case DataType::kString: writer.string(std::get<Text>(value).view()); break;
    case DataType::kBytes: writer.binary(std::get<Text>(value).view()); break;
    case DataType::kJson: {
      const auto json = parse_json(std::get<Text>(value).view());
      write_json(writer, json ? *json : nlohmann::json());
      break;
    }
  }
  return bytes;
}

Bytes packed(const graph::Fault& fault) {
  return pack_map([&](PackMap& map) { map.string("fault", name_of(fault.code)).string("text", fault.text); });
}

}  // namespace

Target into_world(graph::World& world, std::uint32_t output) {
  return [&world, output](Payload payload) -> Status {
    YARD_TRY(const graph::Source source, world.source(output));
    YARD_TRY(Value value, to_value(payload, source.type));
    if (!world.settle()) return fail(ErrorCode::kQueueFull, "the world waits until what it has made is taken");
    const bool is_event = source.port_class == graph::PortClass::kEvent;
    YARD_TRY_STATUS(world.apply(is_event ? graph::Cause(graph::EmitCause{output, std::move(value)})
                                         : graph::Cause(graph::SetCause{output, std::move(value)})));
    // What is left to run does so before the next payload is taken.
    (void)world.settle();
    return {};
  };
}

Result<std::unique_ptr<WorldOutput>> WorldOutput::open(graph::World& world, std::uint32_t output, Target target) {
  if (output >= world.image().get_output_ports().size())
    return fail(ErrorCode::kInvalidArguments, "there is no output " + std::to_string(output));
  if (!world.is_at_rest()) return fail(ErrorCode::kConflict, "settle() before somebody looks on");
  YARD_TRY_STATUS(world.apply(graph::DemandCause{output, true}));
  (void)world.settle();
  return std::unique_ptr<WorldOutput>(new WorldOutput(world, output, std::move(target)));
}

WorldOutput::WorldOutput(graph::World& world, std::uint32_t output, Target target)
    : world_(world), output_(output), epoch_(world.epoch()), target_(std::move(target)) {
  take_level();
  world_.add_observer(*this);
}

WorldOutput::~WorldOutput() {
  world_.remove_observer(*this);
  if (epoch_ == world_.epoch()) (void)world_.apply(graph::DemandCause{output_, false});
}

void WorldOutput::wave_ended(const graph::World& world) {
  if (epoch_ != world.epoch()) return;
  const graph::PortDesc& port = world.image().get_output_ports()[output_];
  if (port.port_class == graph::PortClass::kEvent) {
    for (const Cell event : world.events(output_)) wait(packed(graph::to_value(event, port.type), port.type));
    return;
  }
  const Bytes before = level_;
  take_level();
  if (level_ != before) wait(level_);
}

void WorldOutput::replaced(const graph::World& world) {
  if (epoch_ == world.epoch()) wave_ended(world);
}

void WorldOutput::take_level() {
  const auto value = world_.get(output_);
  level_ = value ? packed(*value, world_.image().get_output_ports()[output_].type) : packed(value.error());
}

void WorldOutput::wait(Bytes packed) {
  if (!waiting_.push(std::move(packed))) ++dropped_;
}

}  // namespace yard::ports
