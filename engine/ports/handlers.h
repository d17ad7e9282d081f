// From member functions to the entries of ports.
#pragma once

#include <concepts>
#include <type_traits>

#include "engine/ports/agent.h"
#include "engine/ports/hop.h"

namespace yard::ports {
namespace internal {

template <typename F>
struct Member;

template <typename R, typename A, typename T, typename... Rest>
struct Member<R (A::*)(T, Rest...)> {
  using Agent = A;
  using Result = R;
  using Value = std::remove_cvref_t<T>;
  static constexpr bool kTakesHop = sizeof...(Rest) == 1;
  static_assert((std::same_as<Rest, Hop&> && ...) && sizeof...(Rest) <= 1, "handlers take a value, then a Hop&");
};
template <typename R, typename A, typename T, typename... Rest>
struct Member<R (A::*)(T, Rest...) const> : Member<R (A::*)(T, Rest...)> {};

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <auto kFunction>
std::uint64_t handle(FastAgent& agent, HybridPort* ports, Payload payload, Ticket& ticket, std::uint64_t left) {
  using M = Member<decltype(kFunction)>;
  const auto value = payload.get<typename M::Value>();
  if (!value) [[unlikely]]
    return ticket.mismatch(left);
  auto& self = static_cast<typename M::Agent&>(agent);
  if constexpr (!M::kTakesHop) {
    (self.*kFunction)(*value);
    return left;
  } else {
    const std::size_t mark = ticket.mark();
    HybridPort* first = nullptr;
    Payload first_payload;
    {
      Hop hop(ticket, agent, ports);
      if constexpr (std::same_as<typename M::Result, Status>) {
        if (const Status done = (self.*kFunction)(*value, hop); !done) return ticket.fail(mark, done.error(), left);
      } else {
        (self.*kFunction)(*value, hop);
      }
      first = hop.first();
      first_payload = hop.first_payload();
    }
    ticket.turn(mark);
    return first == nullptr ? left : ticket.pass_on(*first, first_payload, left);
  }
}

template <auto kFunction, std::uint32_t kOut>
std::uint64_t relay(FastAgent& agent, HybridPort* ports, Payload payload, Ticket& ticket, std::uint64_t left) {
  using M = Member<decltype(kFunction)>;
  static_assert(!M::kTakesHop, "what a relay emits is what it returns");
  const auto value = payload.get<typename M::Value>();
  if (!value) [[unlikely]]
    return ticket.mismatch(left);
  const auto result = (static_cast<typename M::Agent&>(agent).*kFunction)(*value);
  if constexpr (IsOptional<typename M::Result>::value) {
    if (!result) return left;
    return ticket.pass_on(ports[kOut], *result, left);
  } else {
    return ticket.pass_on(ports[kOut], result, left);
  }
}

}  // namespace internal

// A port that only sends, or takes what is counted and goes no further.
[[nodiscard]] constexpr PortSpec port(std::string_view name) { return {.name = name}; }

// A port with a handler: void f(T) or void f(T, Hop&), T as Payload::get() has it. Status f(T, Hop&) may refuse: then
// what it had emitted is withdrawn, and the failure is counted and traced.
template <auto kFunction>
[[nodiscard]] constexpr PortSpec handled(std::string_view name) {
  return {.name = name, .handler = internal::handle<kFunction>};
}

// A port whose handler, R f(T), returns what leaves by port `kOut`; an empty optional: nothing leaves. The cheapest
// kind: where ports are optimised, it is a call behind the other.
template <auto kFunction, std::uint32_t kOut>
[[nodiscard]] constexpr PortSpec relayed(std::string_view name) {
  return {.name = name, .handler = internal::relay<kFunction, kOut>, .out = kOut};
}

// The same port at the edge of the network: hops from and to it are always managed.
[[nodiscard]] constexpr PortSpec boundary(PortSpec spec) {
  spec.is_boundary = true;
  return spec;
}

}  // namespace yard::ports
