#!/bin/sh
# Runs the iptables command that this script is named after with the back end that the node's rules are in: the kubelet
# leaves a chain as a hint. Without it, the back end with more rules wins, as on the node itself.
set -eu
name=$(basename "$0")
hint='KUBE-IPTABLES-HINT|KUBE-KUBELET-CANARY'
rules() { "iptables-$1-save" 2>/dev/null | grep -c '^-' || true; }
if iptables-nft-save -t mangle 2>/dev/null | grep -qE "$hint"; then
	mode=nft
elif iptables-legacy-save -t mangle 2>/dev/null | grep -qE "$hint"; then
	mode=legacy
elif [ "$(rules legacy)" -ge "$(rules nft)" ]; then
	mode=legacy
else
	mode=nft
fi
exec "/usr/sbin/${name%%-*}-$mode${name#"${name%%-*}"}" "$@"
