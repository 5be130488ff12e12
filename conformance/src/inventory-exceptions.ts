/** Names of PyTorch that make no sense in JavaScript or on these devices, by namespace, with the reason. */
export const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {};
